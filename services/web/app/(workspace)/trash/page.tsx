import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { TrashPage } from "@/components/trash/trash-page";
import { currentSession } from "@/lib/session";

export const metadata: Metadata = { title: "Trash" };

export default async function Trash() {
	if (!(await currentSession())) redirect("/sign-in");
	return <TrashPage />;
}

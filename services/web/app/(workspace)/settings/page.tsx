import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { SettingsPage } from "@/components/settings/settings-page";
import { currentSession } from "@/lib/session";

export const metadata: Metadata = { title: "Settings" };

export default async function Settings() {
	if (!(await currentSession())) redirect("/sign-in");
	return <SettingsPage />;
}

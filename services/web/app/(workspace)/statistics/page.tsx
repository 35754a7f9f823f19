import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { StatisticsPage } from "@/components/statistics/statistics-page";
import { currentSession } from "@/lib/session";

export const metadata: Metadata = { title: "Statistics" };

export default async function Statistics() {
	if (!(await currentSession())) redirect("/sign-in");
	return <StatisticsPage />;
}

import { redirect } from "next/navigation";
import { currentSession } from "@/lib/session";
import { CredentialsForm } from "./credentials-form";
import { SiteHeader } from "./site-header";

export async function CredentialsPage({
	purpose,
	title,
	subtitle,
}: {
	purpose: "sign-in" | "sign-up";
	title: string;
	subtitle: string;
}) {
	if (await currentSession()) redirect("/");
	return (
		<>
			<SiteHeader />
			<main className="mx-auto w-full max-w-md px-5 pt-6 pb-20 sm:pt-14">
				<div className="rounded-2xl border border-line bg-card p-6 shadow-sm sm:p-9">
					<h1 className="font-display text-3xl tracking-tight">{title}</h1>
					<p className="mt-2 text-balance text-soft">{subtitle}</p>
					<CredentialsForm purpose={purpose} />
				</div>
			</main>
		</>
	);
}

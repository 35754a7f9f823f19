import Link from "next/link";
import { SiteHeader } from "@/components/site-header";

export default function NotFound() {
	return (
		<>
			<SiteHeader />
			<main className="mx-auto w-full max-w-md px-5 pt-14 pb-20">
				<h1 className="font-display text-3xl tracking-tight">There is no bridge to here</h1>
				<p className="mt-3 text-soft">The address leads to no page.</p>
				<Link href="/" className="button-primary mt-6">
					Back to the gate
				</Link>
			</main>
		</>
	);
}

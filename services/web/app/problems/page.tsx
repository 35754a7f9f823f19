import type { Metadata } from "next";
import { SiteHeader } from "@/components/site-header";
import problems from "@/lib/problems.json";

export const metadata: Metadata = { title: "Problems" };

/** What the API may say, and what to do then. The developer drawer links to its parts. */
export default function Problems() {
	return (
		<>
			<SiteHeader />
			<main className="mx-auto w-full max-w-3xl px-5 pb-24 sm:px-8">
				<h1 className="font-display text-3xl tracking-tight">Problems</h1>
				<p className="mt-2 leading-relaxed text-soft">
					The API names whatever it refuses with a code that keeps its meaning. This is what each one is
					about, and what helps.
				</p>
				<dl className="mt-8 divide-y divide-line border-y border-line">
					{problems.map(({ code, status, title, when, fix }) => (
						<div key={code} id={code} className="scroll-mt-4 rounded py-5 target:bg-accent-wash target:px-4">
							<dt className="flex flex-wrap items-baseline gap-x-3">
								<code className="font-mono font-medium">{code}</code>
								<span className="text-sm text-soft tabular-nums">{status}</span>
							</dt>
							<dd className="mt-1 leading-relaxed">
								<p>{title}</p>
								{when && <p className="mt-1 text-soft wrap-anywhere">{when}</p>}
								<p className="mt-1 wrap-anywhere">{fix}</p>
							</dd>
						</div>
					))}
				</dl>
			</main>
		</>
	);
}

"use client";

import { BridgeMark } from "@/components/bridge";

/** A page that the server could not make; most often its database, and with it every session, is out of reach. */
export default function PageError({
	error,
	retry,
}: {
	error: Error & { digest?: string };
	retry: () => void;
}) {
	return (
		<>
			{/* A plain link: this code is part of every page, and a whole new document is what helps here. */}
			<header className="mx-auto w-full max-w-5xl px-5 py-5 sm:px-8">
				<a href="/" className="flex w-fit items-center gap-3 rounded-lg">
					<BridgeMark className="size-8" />
					<span className="font-display text-xl tracking-tight">Drawbridge</span>
				</a>
			</header>
			<main className="mx-auto w-full max-w-md px-5 pt-14 pb-20">
				<h1 className="font-display text-3xl tracking-tight">The sign-in service is not well</h1>
				<p className="mt-3 leading-relaxed text-soft">
					It could not find out who you are, so it shows nothing. Nothing is lost; this usually passes.
				</p>
				{error.digest && (
					<p className="mt-3 text-sm text-soft">In the server&apos;s log it is {error.digest}.</p>
				)}
				<button type="button" className="button-primary mt-6" onClick={() => retry()}>
					Try again
				</button>
			</main>
		</>
	);
}

"use client";

import Link from "next/link";
import type { Failure } from "@/lib/failure";

/** The shape of what is about to come, so that nothing jumps when it does. */
export function ListSkeleton({ rows = 6, what = "your tasks" }: { rows?: number; what?: string }) {
	return (
		<>
			<p role="status" className="sr-only">
				Loading {what}
			</p>
			<ul aria-hidden="true" className="card divide-y divide-line overflow-hidden">
				{Array.from({ length: rows }, (_, row) => WIDTHS[row % WIDTHS.length]).map((width, row) => (
					// biome-ignore lint/suspicious/noArrayIndexKey: they are all alike, and stay where they are.
					<li key={row} className="flex h-14 items-center gap-3.5 px-4">
						<span className="size-6 animate-pulse rounded-full bg-sunken" />
						<span className={`h-4 animate-pulse rounded bg-sunken ${width}`} />
					</li>
				))}
			</ul>
		</>
	);
}

const WIDTHS = ["w-1/2", "w-2/3", "w-2/5", "w-3/5"];

export function EmptyList({ done }: { done: boolean }) {
	return (
		<Quiet title={done ? "All done" : "All quiet on this side"}>
			{done
				? "Nothing is left to do. What comes next is yours to decide."
				: "Write your first task above. It will be here on every device that you sign in on."}
		</Quiet>
	);
}

export function NoMatches({ narrowed, onClear }: { narrowed: boolean; onClear: () => void }) {
	return (
		<Quiet title="Nothing here">
			{narrowed ? "No task is like this." : "No task is in this state."}
			<button type="button" className="button-quiet mx-auto mt-5 flex" onClick={onClear}>
				Show all open tasks
			</button>
		</Quiet>
	);
}

export function Quiet({ title, children }: { title: string; children: React.ReactNode }) {
	return (
		<div className="rounded-2xl border border-dashed border-edge/50 px-6 py-14 text-center">
			<p className="font-display text-xl">{title}</p>
			<div className="mx-auto mt-2 max-w-xs text-balance text-soft">{children}</div>
		</div>
	);
}

/** In place of what could not be had. */
export function FailurePanel({ failure, onRetry }: { failure: Failure; onRetry: () => void }) {
	return (
		<div role="alert" className="rounded-2xl border border-alarm/30 bg-alarm-wash px-6 py-9 text-center">
			<p className="font-display text-xl">{failure.title}</p>
			<p className="mx-auto mt-2 max-w-md leading-relaxed text-balance">
				{failure.advice}
				{failure.remedy === "retry" && " This page tries again by itself."}
			</p>
			<div className="mt-5 flex justify-center">
				{failure.remedy === "sign-in" ? (
					<Link href="/sign-in" prefetch={false} className="button-primary">
						Sign in
					</Link>
				) : (
					<button
						type="button"
						className="button-primary"
						onClick={failure.remedy === "reload" ? () => window.location.reload() : onRetry}
					>
						{failure.remedy === "reload" ? "Load the page again" : "Try again"}
					</button>
				)}
			</div>
		</div>
	);
}

"use client";

import Link from "next/link";
import type { Failure } from "@/lib/failure";
import type { TaskList } from "@/lib/task-list";

/** The shape of what is about to come, so that nothing jumps when it does. */
export function ListSkeleton() {
	return (
		<>
			<p role="status" className="sr-only">
				Loading your tasks
			</p>
			<ul
				aria-hidden="true"
				className="divide-y divide-line overflow-hidden rounded-2xl border border-line bg-card shadow-sm"
			>
				{["w-1/2", "w-2/3", "w-2/5"].map((width) => (
					<li key={width} className="flex items-center gap-3.5 px-4 py-2.5 sm:px-5">
						<span className="size-6 animate-pulse rounded-full bg-sunken" />
						<span className="flex h-11 grow items-center">
							<span className={`h-4 animate-pulse rounded bg-sunken ${width}`} />
						</span>
					</li>
				))}
			</ul>
		</>
	);
}

export function EmptyList() {
	return (
		<div className="rounded-2xl border border-dashed border-edge/50 px-6 py-14 text-center">
			<p className="font-display text-xl">All quiet on this side</p>
			<p className="mx-auto mt-2 max-w-xs text-balance text-soft">
				Write your first task above. It will be here on every device that you sign in on.
			</p>
		</div>
	);
}

/** In place of the list, when there is none to show. */
export function FailurePanel({ failure, onRetry }: { failure: Failure; onRetry: () => void }) {
	return (
		<div role="alert" className="rounded-2xl border border-alarm/30 bg-alarm-wash px-6 py-9 text-center">
			<p className="font-display text-xl">{failure.title}</p>
			<p className="mx-auto mt-2 max-w-md leading-relaxed text-balance text-soft">
				{failure.advice}
				{failure.remedy === "retry" && " This page tries again by itself."}
			</p>
			<div className="mt-5 flex justify-center">
				<Remedy failure={failure} onRetry={onRetry} />
			</div>
		</div>
	);
}

/** Above the list, when something on one task failed and the list itself stands. */
export function NoticeBar({
	notice: { about, failure },
	onDismiss,
	onReload,
}: {
	notice: NonNullable<TaskList["notice"]>;
	onDismiss: () => void;
	onReload: () => void;
}) {
	return (
		<div
			role="alert"
			className="mt-5 flex items-start gap-3 rounded-xl border border-alarm/30 bg-alarm-wash py-3 pr-2 pl-4"
		>
			<div className="grow py-1">
				<p className="font-medium wrap-anywhere text-alarm">{about}</p>
				<p className="mt-0.5 wrap-anywhere">
					{failure.title}. {failure.advice}
				</p>
				{(failure.remedy === "sign-in" || failure.remedy === "reload") && (
					<div className="mt-3">
						<Remedy failure={failure} onRetry={onReload} />
					</div>
				)}
			</div>
			<button
				type="button"
				aria-label="Dismiss"
				onClick={onDismiss}
				className="grid size-9 shrink-0 place-items-center rounded-lg text-soft hover:text-ink"
			>
				<svg
					viewBox="0 0 24 24"
					aria-hidden="true"
					className="size-5 stroke-current stroke-2"
					strokeLinecap="round"
				>
					<path d="m6 6 12 12M18 6 6 18" />
				</svg>
			</button>
		</div>
	);
}

function Remedy({ failure, onRetry }: { failure: Failure; onRetry: () => void }) {
	switch (failure.remedy) {
		case "sign-in":
			return (
				<Link href="/sign-in" prefetch={false} className="button-primary">
					Sign in
				</Link>
			);
		case "reload":
			return (
				<button type="button" className="button-primary" onClick={() => window.location.reload()}>
					Load the page again
				</button>
			);
		default:
			return (
				<button type="button" className="button-primary" onClick={onRetry}>
					Try again
				</button>
			);
	}
}

"use client";

import { useSyncExternalStore } from "react";
import { type Toast, toasts } from "@/lib/toasts";
import { Icon } from "../icon";

const none: Toast[] = [];

export function Toaster() {
	const shown = useSyncExternalStore(toasts.subscribe, toasts.snapshot, () => none);
	const done = shown.filter(({ kind }) => kind === "done");
	const failed = shown.filter(({ kind }) => kind === "failed");
	return (
		<div className="pointer-events-none fixed inset-x-3 bottom-4 z-50 grid justify-items-center gap-2 sm:bottom-6">
			<section aria-label="Problems" role="alert" className="contents">
				{failed.map((toast) => (
					<Note key={toast.id} toast={toast} />
				))}
			</section>
			<section aria-label="Notes" aria-live="polite" className="contents">
				{done.map((toast) => (
					<Note key={toast.id} toast={toast} />
				))}
			</section>
		</div>
	);
}

function Note({ toast: { id, kind, text, detail, action } }: { toast: Toast }) {
	const hold = () => toasts.hold(id);
	const resume = () => toasts.resume(id);
	return (
		// biome-ignore lint/a11y/noStaticElementInteractions: it only stays while it is read; whatever does something is a button.
		<div
			onPointerEnter={hold}
			onPointerLeave={resume}
			onFocus={hold}
			onBlur={resume}
			className={`pointer-events-auto flex w-full max-w-md items-center gap-2 rounded-xl border bg-card py-1.5 pr-1.5 pl-4 shadow-lift ${kind === "failed" ? "border-alarm/40" : "border-line"}`}
		>
			<div className="min-w-0 grow py-1">
				<p className={`line-clamp-2 wrap-anywhere ${kind === "failed" ? "font-medium text-alarm" : ""}`}>
					{text}
				</p>
				{detail && <p className="mt-0.5 text-sm wrap-anywhere text-soft">{detail}</p>}
			</div>
			{action && (
				<button
					type="button"
					className="button-plain shrink-0 text-accent-deep"
					onClick={() => {
						toasts.dismiss(id);
						action.run();
					}}
				>
					{action.label}
				</button>
			)}
			<button type="button" aria-label="Dismiss" className="button-icon" onClick={() => toasts.dismiss(id)}>
				<Icon name="close" className="size-4" />
			</button>
		</div>
	);
}

"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useSyncExternalStore } from "react";
import type { SeenProblem, Watched } from "@/lib/api/watch";
import { describeFailure } from "@/lib/failure";
import problems from "@/lib/problems.json";
import { useNow } from "@/lib/use-now";
import { useWorkspace } from "@/lib/workspace";
import { Icon } from "../icon";

/** What goes over the bridge at the moment. It stays open beside the work, and takes no key but its own. */
export function DeveloperDrawer({ onClose }: { onClose: () => void }) {
	const { watch } = useWorkspace();
	const seen = useSyncExternalStore(watch.subscribe, watch.snapshot, watch.snapshot);
	const drawer = useRef<HTMLElement>(null);
	useEffect(() => {
		const opener = document.activeElement;
		drawer.current?.focus();
		return () => {
			if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
		};
	}, []);

	return (
		<aside
			ref={drawer}
			tabIndex={-1}
			aria-label="Developer drawer"
			onKeyDown={(event) => event.key === "Escape" && onClose()}
			className="fixed inset-x-0 bottom-0 z-30 max-h-[58dvh] overflow-y-auto overscroll-contain border-t border-edge bg-card shadow-lift outline-none"
		>
			<div className="mx-auto w-full max-w-6xl px-4 pt-3 pb-6 sm:px-6">
				<header className="flex items-center justify-between">
					<h2 className="font-display text-lg tracking-tight">Across the bridge</h2>
					<button
						type="button"
						className="button-icon -mr-2"
						aria-label="Close the developer drawer"
						onClick={onClose}
					>
						<Icon name="close" />
					</button>
				</header>
				<div className="mt-3 grid gap-x-10 gap-y-7 md:grid-cols-2 lg:grid-cols-3">
					<Token seen={seen} />
					<OtherSide />
					<LastProblem problem={seen.problem} />
				</div>
			</div>
		</aside>
	);
}

function Part({ title, children }: { title: string; children: ReactNode }) {
	return (
		<section className="min-w-0">
			<h3 className="text-sm font-medium text-soft">{title}</h3>
			<div className="mt-2">{children}</div>
		</section>
	);
}

function Rows({ rows }: { rows: [name: string, value: string, note?: string][] }) {
	return (
		<dl className="divide-y divide-line text-sm">
			{rows.map(([name, value, note]) => (
				<div key={name} className="grid grid-cols-[4.5rem_minmax(0,1fr)] gap-3 py-1.5">
					<dt className="font-mono text-soft">{name}</dt>
					<dd>
						<span className="font-mono wrap-anywhere">{value}</span>
						{note && <span className="block text-soft">{note}</span>}
					</dd>
				</div>
			))}
		</dl>
	);
}

const NOTES: Record<string, string> = {
	sub: "the user, as Better Auth knows them",
	uuid: "the user, as the API knows them",
	sid: "the session; when it ends, so does this token",
	iss: "who signed it",
	aud: "for whom it is meant",
};

function Token({ seen: { claims, endsAt, lifetime } }: { seen: Watched }) {
	const { drawbridge } = useWorkspace();
	const renewal = useMutation({
		mutationFn: async () => {
			await drawbridge.tokens.replace(await drawbridge.tokens.token());
		},
	});
	if (!claims) {
		return (
			<Part title="The token">
				<p className="text-soft">None yet. The first request fetches one.</p>
			</Part>
		);
	}
	const rows = Object.entries(claims).map(([name, value]): [string, string, string?] => {
		const time = (name === "iat" || name === "exp" || name === "nbf") && typeof value === "number";
		const text = typeof value === "string" ? value : JSON.stringify(value);
		const note = time ? new Date(value * 1000).toLocaleTimeString("en-GB") : NOTES[name];
		return note === undefined ? [name, text] : [name, text, note];
	});
	return (
		<Part title="The token">
			<Countdown endsAt={endsAt} lifetime={lifetime} />
			<Rows rows={rows} />
			<div className="mt-2 flex flex-wrap items-center gap-3">
				<button
					type="button"
					className="button-quiet min-h-9 px-3 text-sm"
					disabled={renewal.isPending}
					onClick={() => renewal.mutate()}
				>
					{renewal.isPending ? "Fetching…" : "Fetch a new one"}
				</button>
				<p className="text-sm text-soft">Kept in this page&apos;s memory alone.</p>
			</div>
		</Part>
	);
}

function Countdown({ endsAt, lifetime }: { endsAt: number; lifetime: number }) {
	const now = useNow(1_000);
	const left = Math.max(0, Math.round((endsAt - now.getTime()) / 1_000));
	const share = lifetime > 0 ? Math.min(1, (left * 1_000) / lifetime) : 0;
	return (
		<div className="mb-2">
			<p className="flex items-baseline gap-2">
				<span role="timer" aria-label="Time to live" className="font-display text-2xl tabular-nums">
					{Math.floor(left / 60)}:{String(left % 60).padStart(2, "0")}
				</span>
				<span className="text-sm text-soft">{left > 0 ? "to live" : "over; the next request renews it"}</span>
			</p>
			<svg viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true" className="mt-1 h-1.5 w-full">
				<rect width="100" height="2" rx="1" className="fill-sunken" />
				<rect width={share * 100} height="2" rx="1" className="fill-accent" />
			</svg>
		</div>
	);
}

/** The same person, seen from the API. */
function OtherSide() {
	const { drawbridge } = useWorkspace();
	const me = useQuery({ queryKey: ["me"], queryFn: ({ signal }) => drawbridge.me({ signal }) });
	const drift = useQuery({
		queryKey: ["drift"],
		queryFn: ({ signal }) => drawbridge.checkDrift({ signal }),
		staleTime: Number.POSITIVE_INFINITY,
	});
	return (
		<Part title="What the API makes of it">
			{me.data ? (
				<Rows
					rows={[
						["user_id", me.data.user_id],
						["session", me.data.session_id ?? "—"],
						["ends", new Date(me.data.expires_at).toLocaleTimeString("en-GB")],
					]}
				/>
			) : (
				<p className="text-soft">{me.error ? describeFailure(me.error).title : "Asking…"}</p>
			)}
			<p className="mt-2 text-sm text-soft">
				{drift.data
					? drift.data.drifted
						? "This app was built from another version of the API's document."
						: "This app was built from the document that the API has now."
					: drift.error
						? "The API's document could not be read."
						: ""}
			</p>
		</Part>
	);
}

function LastProblem({ problem }: { problem: SeenProblem | null }) {
	if (!problem) {
		return (
			<Part title="The last problem">
				<p className="text-soft">None since this page was loaded.</p>
			</Part>
		);
	}
	const known = problems.find(({ code }) => code === problem.code);
	return (
		<Part title="The last problem">
			<p className="flex flex-wrap items-baseline gap-x-2.5">
				<code className="font-mono font-medium text-alarm">{problem.code}</code>
				<span className="text-sm text-soft">
					{problem.status} · {new Date(problem.at).toLocaleTimeString("en-GB")}
				</span>
			</p>
			<p className="mt-1.5 wrap-anywhere">{problem.detail}</p>
			{known && (
				<p className="mt-2 rounded-lg bg-accent-wash px-3 py-2 text-accent-deep wrap-anywhere">
					<span className="sr-only">What helps: </span>
					{known.fix}
				</p>
			)}
			<p className="mt-2 flex flex-wrap gap-x-4 text-sm text-soft">
				{known && (
					<a
						href={`/problems#${problem.code}`}
						target="_blank"
						rel="noreferrer"
						className="text-accent-deep underline underline-offset-4"
					>
						About {problem.code}
						<span className="sr-only"> (in a new tab)</span>
					</a>
				)}
				{problem.requestId && <span className="font-mono wrap-anywhere">{problem.requestId}</span>}
			</p>
		</Part>
	);
}

"use client";

import type { ReactNode } from "react";
import type { Stats } from "@/lib/api/api";
import { describeFailure } from "@/lib/failure";
import { useStats } from "@/lib/tasks/queries";
import { FailurePanel, Quiet } from "../tasks/list-states";
import { DayChart } from "./day-chart";
import { ShareBars } from "./share-bars";

export function StatisticsPage() {
	const stats = useStats();
	return (
		<>
			<h1 className="font-display text-3xl tracking-tight">Statistics</h1>
			<div aria-busy={stats.isPending} className="mt-6">
				{stats.isPending && <Skeleton />}
				{stats.error && !stats.data && (
					<FailurePanel failure={describeFailure(stats.error)} onRetry={() => void stats.refetch()} />
				)}
				{stats.data &&
					(stats.data.total === 0 ? (
						<Quiet title="Nothing to count yet">Write a task, and this page has something to say.</Quiet>
					) : (
						<Charts stats={stats.data} />
					))}
			</div>
		</>
	);
}

function Charts({ stats }: { stats: Stats }) {
	const { open, completed, overdue, due_today, priorities, tags, untagged, days } = stats;
	const done = days.reduce((sum, day) => sum + day.completed, 0);
	const made = days.reduce((sum, day) => sum + day.created, 0);
	return (
		<div className="grid gap-5">
			<dl className="grid grid-cols-2 gap-px overflow-hidden rounded-2xl border border-line bg-line sm:grid-cols-4">
				<Figure name="Open" value={open} />
				<Figure name="Due today" value={due_today} />
				<Figure name="Overdue" value={overdue} alarming={overdue > 0} />
				<Figure name="Done" value={completed} />
			</dl>
			<Panel title="The last 30 days" text={`${made} written, ${done} done`}>
				<DayChart days={days} />
			</Panel>
			<div className="grid gap-5 sm:grid-cols-2">
				<Panel title="Open, by priority">
					<ShareBars
						of={open}
						bars={[
							{ name: "High", value: priorities.high, color: "var(--alarm)" },
							{ name: "Medium", value: priorities.medium, color: "var(--amber)" },
							{ name: "Low", value: priorities.low, color: "var(--accent)" },
							{ name: "None", value: priorities.none, color: "var(--edge)" },
						]}
					/>
				</Panel>
				<Panel title="Open, by tag">
					<ShareBars
						of={open}
						bars={[
							...tags
								.slice(0, 8)
								.map(({ tag, open: value }) => ({ name: tag.name, value, color: tag.color })),
							{ name: "Without a tag", value: untagged, color: "var(--edge)" },
						]}
					/>
				</Panel>
			</div>
		</div>
	);
}

function Figure({ name, value, alarming = false }: { name: string; value: number; alarming?: boolean }) {
	return (
		<div className="flex flex-col-reverse bg-card px-5 py-4">
			<dt className="text-sm text-soft">{name}</dt>
			<dd className={`font-display text-3xl tabular-nums ${alarming ? "text-alarm" : ""}`}>{value}</dd>
		</div>
	);
}

function Panel({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
	return (
		<section className="card min-w-0 p-5">
			<div className="flex flex-wrap items-baseline justify-between gap-x-4">
				<h2 className="font-medium">{title}</h2>
				{text && <p className="text-sm text-soft">{text}</p>}
			</div>
			<div className="mt-4">{children}</div>
		</section>
	);
}

function Skeleton() {
	return (
		<div className="grid gap-5">
			<p role="status" className="sr-only">
				Loading statistics
			</p>
			{["h-24", "h-72", "h-56"].map((height) => (
				<div key={height} aria-hidden="true" className={`animate-pulse rounded-2xl bg-sunken ${height}`} />
			))}
		</div>
	);
}

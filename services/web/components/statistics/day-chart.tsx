import type { Stats } from "@/lib/api/api";

const WIDTH = 600;
const HEIGHT = 160;

/** Two bars a day, written and done, and the same numbers as a table for whoever does not see them. */
export function DayChart({ days }: { days: Stats["days"] }) {
	const most = Math.max(4, ...days.flatMap(({ created, completed }) => [created, completed]));
	const step = WIDTH / Math.max(1, days.length);
	const bar = step * 0.34;
	const height = (value: number) => (value / most) * HEIGHT;
	return (
		<figure>
			<svg
				viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
				preserveAspectRatio="none"
				aria-hidden="true"
				className="h-40 w-full"
			>
				{[0, 0.5, 1].map((share) => (
					<line
						key={share}
						x1="0"
						x2={WIDTH}
						y1={HEIGHT * (1 - share)}
						y2={HEIGHT * (1 - share)}
						className="stroke-line"
						vectorEffect="non-scaling-stroke"
					/>
				))}
				{days.map(({ date, created, completed }, index) => (
					<g key={date}>
						<rect
							x={index * step + step * 0.14}
							y={HEIGHT - height(created)}
							width={bar}
							height={height(created)}
							className="fill-edge/60"
						/>
						<rect
							x={index * step + step * 0.14 + bar}
							y={HEIGHT - height(completed)}
							width={bar}
							height={height(completed)}
							className="fill-accent"
						/>
					</g>
				))}
			</svg>
			<div aria-hidden="true" className="mt-2 flex justify-between text-sm text-soft">
				<span>{days[0] ? shortDay(days[0].date) : ""}</span>
				<span className="flex gap-4">
					<Key className="fill-edge/60" name="Written" />
					<Key className="fill-accent" name="Done" />
				</span>
				<span>Today</span>
			</div>
			<details className="mt-3 text-sm">
				<summary className="w-fit cursor-pointer rounded text-soft hover:text-ink">As a table</summary>
				{/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys. */}
				<section aria-label="Numbers of each day" tabIndex={0} className="mt-2 max-h-72 overflow-y-auto">
					<table className="w-full text-left">
						<caption className="sr-only">Tasks written, due and done on each of the last days</caption>
						<thead className="text-soft">
							<tr>
								{["Day", "Written", "Due", "Done"].map((name) => (
									<th key={name} scope="col" className="py-1 font-normal">
										{name}
									</th>
								))}
							</tr>
						</thead>
						<tbody className="divide-y divide-line tabular-nums">
							{days.toReversed().map(({ date, created, due, completed }) => (
								<tr key={date}>
									<th scope="row" className="py-1 font-normal">
										{shortDay(date)}
									</th>
									<td>{created}</td>
									<td>{due}</td>
									<td>{completed}</td>
								</tr>
							))}
						</tbody>
					</table>
				</section>
			</details>
		</figure>
	);
}

function Key({ className, name }: { className: string; name: string }) {
	return (
		<span className="flex items-center gap-1.5">
			<svg viewBox="0 0 10 10" aria-hidden="true" className="size-2.5">
				<rect width="10" height="10" rx="2" className={className} />
			</svg>
			{name}
		</span>
	);
}

/** `2026-05-04` as "4 May": a day of the calendar, the same in every zone. */
function shortDay(date: string): string {
	return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" }).format(
		new Date(`${date}T00:00:00Z`),
	);
}

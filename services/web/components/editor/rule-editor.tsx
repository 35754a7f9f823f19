"use client";

import { useId } from "react";
import { toFields } from "@/lib/dates";
import {
	type Frequency,
	nthOf,
	type Rule,
	ruleFor,
	WEEKDAYS,
	type Weekday,
	weekdayOf,
} from "@/lib/recurrence/rule";

const UNITS: Record<Frequency, [one: string, many: string]> = {
	DAILY: ["day", "days"],
	WEEKLY: ["week", "weeks"],
	MONTHLY: ["month", "months"],
	YEARLY: ["year", "years"],
};

const NAMES: Record<Weekday, string> = {
	MO: "Monday",
	TU: "Tuesday",
	WE: "Wednesday",
	TH: "Thursday",
	FR: "Friday",
	SA: "Saturday",
	SU: "Sunday",
};

export function RuleEditor({
	rule,
	due,
	onChange,
}: {
	rule: Rule;
	due: Date;
	onChange: (rule: Rule) => void;
}) {
	const id = useId();
	const days = rule.days.map(({ day }) => day);
	const number = (text: string, most: number) => Math.min(most, Math.max(1, Math.trunc(Number(text)) || 1));
	return (
		<div className="grid gap-3 rounded-xl bg-sunken p-3.5">
			<div className="flex flex-wrap items-center gap-2">
				<label htmlFor={`${id}-interval`}>Every</label>
				<input
					id={`${id}-interval`}
					type="number"
					min={1}
					max={999}
					className="field w-20"
					value={rule.interval}
					onChange={({ target }) => onChange({ ...rule, interval: number(target.value, 999) })}
				/>
				<select
					aria-label="Unit"
					className="field w-auto"
					value={rule.frequency}
					onChange={({ target }) =>
						onChange({
							...ruleFor(target.value as Frequency, due),
							interval: rule.interval,
							ends: rule.ends,
						})
					}
				>
					{Object.entries(UNITS).map(([value, [one, many]]) => (
						<option key={value} value={value}>
							{rule.interval === 1 ? one : many}
						</option>
					))}
				</select>
			</div>
			{rule.frequency === "WEEKLY" && (
				<fieldset>
					<legend className="sr-only">On these days</legend>
					<div className="flex flex-wrap gap-1">
						{WEEKDAYS.map((day) => (
							<label
								key={day}
								className="relative grid size-10 cursor-pointer place-items-center rounded-full border border-edge bg-card text-sm has-checked:border-accent has-checked:bg-accent has-checked:text-on-accent has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent"
							>
								<input
									type="checkbox"
									className="absolute inset-0 cursor-pointer opacity-0"
									aria-label={NAMES[day]}
									checked={days.includes(day)}
									onChange={({ target }) => {
										const next = WEEKDAYS.filter((other) =>
											other === day ? target.checked : days.includes(other),
										);
										// Without any day, the due date's own is what the rule would mean.
										const kept = next.length > 0 ? next : [weekdayOf(due)];
										onChange({ ...rule, days: kept.map((one) => ({ day: one, nth: null })) });
									}}
								/>
								<span aria-hidden="true">{NAMES[day].slice(0, 2)}</span>
							</label>
						))}
					</div>
				</fieldset>
			)}
			{rule.frequency === "MONTHLY" && (
				<select
					aria-label="On which day"
					className="field"
					value={rule.days.length > 0 ? "weekday" : rule.monthDay === -1 ? "last" : "date"}
					onChange={({ target }) => {
						const monthly = { ...ruleFor("MONTHLY", due), interval: rule.interval, ends: rule.ends };
						if (target.value === "date") onChange(monthly);
						if (target.value === "last") onChange({ ...monthly, monthDay: -1 });
						if (target.value === "weekday") {
							onChange({ ...monthly, monthDay: null, days: [{ day: weekdayOf(due), nth: nthOf(due) }] });
						}
					}}
				>
					<option value="date">
						On day {rule.monthDay && rule.monthDay > 0 ? rule.monthDay : due.getDate()}
					</option>
					<option value="weekday">On the {weekdayWords(rule, due)}</option>
					<option value="last">On the last day of the month</option>
				</select>
			)}
			<Ends rule={rule} due={due} onChange={onChange} />
		</div>
	);
}

function Ends({ rule, due, onChange }: { rule: Rule; due: Date; onChange: (rule: Rule) => void }) {
	const { ends } = rule;
	return (
		<div className="flex flex-wrap items-center gap-2">
			<select
				aria-label="Ends"
				className="field w-auto"
				value={ends.kind}
				onChange={({ target }) => {
					const kind = target.value;
					if (kind === "never") onChange({ ...rule, ends: { kind } });
					if (kind === "count") onChange({ ...rule, ends: { kind, count: 10 } });
					if (kind === "until") {
						const inThreeMonths = new Date(due.getFullYear(), due.getMonth() + 3, due.getDate());
						onChange({ ...rule, ends: { kind, date: toFields(inThreeMonths.toISOString()).date } });
					}
				}}
			>
				<option value="never">For ever</option>
				<option value="count">A number of times</option>
				<option value="until">Until a day</option>
			</select>
			{ends.kind === "count" && (
				<input
					type="number"
					aria-label="How many times"
					min={1}
					max={9999}
					className="field w-24"
					value={ends.count}
					onChange={({ target }) => {
						const count = Math.min(9999, Math.max(1, Math.trunc(Number(target.value)) || 1));
						onChange({ ...rule, ends: { kind: "count", count } });
					}}
				/>
			)}
			{ends.kind === "until" && (
				<input
					type="date"
					aria-label="Last day"
					className="field w-auto"
					value={ends.date}
					onChange={({ target }) =>
						target.value && onChange({ ...rule, ends: { kind: "until", date: target.value } })
					}
				/>
			)}
		</div>
	);
}

function weekdayWords(rule: Rule, due: Date): string {
	const { day, nth } = rule.days[0] ?? { day: weekdayOf(due), nth: nthOf(due) };
	const place = nth === -1 ? "last" : (["first", "second", "third", "fourth"][(nth ?? 1) - 1] ?? "last");
	return `${place} ${NAMES[day]}`;
}

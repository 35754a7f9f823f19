"use client";

import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { dayWords, fromFields } from "@/lib/dates";
import type { Fields as DateFields } from "@/lib/editor/reminder";
import { formatRule, nthOf, parseRule, type Rule, ruleFor, weekdayOf } from "@/lib/recurrence/rule";
import { recurrenceWords, ruleWords } from "@/lib/recurrence/words";
import { useWorkspace } from "@/lib/workspace";
import { Field } from "./field";
import { RuleEditor } from "./rule-editor";

export function RecurrenceField({
	rrule,
	timezone,
	due,
	onChange,
}: {
	rrule: string;
	timezone: string;
	due: DateFields;
	onChange: (rrule: string) => void;
}) {
	const id = useId();
	const dueAt = fromFields(due);
	const day = dueAt === null ? new Date() : new Date(dueAt);
	const rule = rrule === "" ? null : parseRule(rrule);
	const presets = presetsFor(day);
	const preset = rule ? presets.find((one) => formatRule(one) === formatRule(rule)) : undefined;
	const [own, setOwn] = useState(rule !== null && !preset);

	const value = rrule === "" ? "none" : rule === null ? "kept" : own || !preset ? "own" : formatRule(preset);
	function choose(next: string) {
		setOwn(next === "own");
		if (next === "none") onChange("");
		else if (next === "own") onChange(formatRule(rule ?? ruleFor("WEEKLY", day)));
		else if (next !== "kept") onChange(next);
	}

	return (
		<div className="grid gap-2">
			<Field label="Repeats" htmlFor={id}>
				<select id={id} className="field" value={value} onChange={({ target }) => choose(target.value)}>
					<option value="none">Does not repeat</option>
					{presets.map((one) => (
						<option key={formatRule(one)} value={formatRule(one)}>
							{ruleWords(one)}
						</option>
					))}
					<option value="own">By a rule of its own…</option>
					{value === "kept" && <option value="kept">As it is now</option>}
				</select>
			</Field>
			{value === "own" && rule && (
				<RuleEditor rule={rule} due={day} onChange={(next) => onChange(formatRule(next))} />
			)}
			{rrule !== "" && (
				<p className="text-sm text-soft" aria-live="polite">
					{(value === "own" || value === "kept") && (
						<span className="block text-ink">{recurrenceWords(rrule)}</span>
					)}
					{dueAt !== null && <Next rrule={rrule} timezone={timezone} dueDate={dueAt} />}
				</p>
			)}
		</div>
	);
}

/** What the API makes of the rule: the only one whose opinion counts. */
function Next({ rrule, timezone, dueDate }: { rrule: string; timezone: string; dueDate: string }) {
	const { api } = useWorkspace();
	const next = useQuery({
		queryKey: ["occurrences", rrule, timezone, dueDate],
		queryFn: ({ signal }) => api.occurrences({ rrule, timezone, due_date: dueDate }, signal),
		refetchInterval: false,
	});
	if (next.isError) return "This rule is not accepted.";
	if (!next.data) return "…";
	const times = next.data.occurrences.filter((at) => at !== dueDate).slice(0, 3);
	if (times.length === 0) return "It does not occur again.";
	const now = new Date();
	return `Then ${times.map((at) => dayWords(at, now)).join(", ")}${next.data.ends && times.length < 3 ? "; that is the last" : ""}`;
}

function presetsFor(due: Date): Rule[] {
	const monthly = ruleFor("MONTHLY", due);
	return [
		ruleFor("DAILY", due),
		{
			...ruleFor("WEEKLY", due),
			days: (["MO", "TU", "WE", "TH", "FR"] as const).map((day) => ({ day, nth: null })),
		},
		ruleFor("WEEKLY", due),
		{ ...ruleFor("WEEKLY", due), interval: 2 },
		monthly,
		{ ...monthly, monthDay: null, days: [{ day: weekdayOf(due), nth: nthOf(due) }] },
		ruleFor("YEARLY", due),
	];
}

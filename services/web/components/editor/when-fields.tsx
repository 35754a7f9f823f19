"use client";

import { useId } from "react";
import { startOfDay, toFields } from "@/lib/dates";
import {
	type Fields as DateFields,
	REMINDER_LABELS,
	type Reminder,
	type ReminderChoice,
	reminderChoices,
} from "@/lib/editor/reminder";
import { Field } from "./field";

const NEAR: [string, number][] = [
	["Today", 0],
	["Tomorrow", 1],
	["In a week", 7],
];

export function DueField({
	due,
	fault,
	onChange,
}: {
	due: DateFields;
	fault: string | null;
	onChange: (due: DateFields) => void;
}) {
	const id = useId();
	return (
		<div className="grid gap-2">
			<div className="grid grid-cols-[minmax(0,1.5fr)_minmax(0,1fr)] gap-3 max-[24rem]:grid-cols-1">
				<Field label="Due date" htmlFor={id} fault={fault} faultId={`${id}-fault`}>
					<input
						id={id}
						type="date"
						className="field"
						min="1900-01-01"
						max="9999-12-31"
						value={due.date}
						onChange={({ target }) => onChange({ date: target.value, time: target.value ? due.time : "" })}
						{...(fault ? { "aria-invalid": true, "aria-describedby": `${id}-fault` } : {})}
					/>
				</Field>
				<Field label="Due time" htmlFor={`${id}-time`}>
					<input
						id={`${id}-time`}
						type="time"
						className="field disabled:opacity-60"
						disabled={due.date === ""}
						value={due.time}
						onChange={({ target }) => onChange({ ...due, time: target.value })}
					/>
				</Field>
			</div>
			<div className="-mx-1 flex flex-wrap gap-1">
				{NEAR.map(([label, days]) => (
					<button
						key={label}
						type="button"
						className="button-plain text-sm"
						onClick={() =>
							onChange({ ...due, date: toFields(startOfDay(new Date(), days).toISOString()).date })
						}
					>
						{label}
					</button>
				))}
				{due.date !== "" && (
					<button
						type="button"
						className="button-plain text-sm"
						onClick={() => onChange({ date: "", time: "" })}
					>
						No due date
					</button>
				)}
			</div>
		</div>
	);
}

export function ReminderField({
	reminder,
	due,
	fault,
	onChange,
}: {
	reminder: Reminder;
	due: DateFields;
	fault: string | null;
	onChange: (reminder: Reminder) => void;
}) {
	const id = useId();
	const choices = reminderChoices(due);
	// A choice that this due date does not have any more says nothing.
	const choice = choices.includes(reminder.choice) ? reminder.choice : "none";
	return (
		<div className="grid gap-2">
			<Field label="Reminder" htmlFor={id} fault={fault} faultId={`${id}-fault`}>
				<select
					id={id}
					className="field"
					value={choice}
					onChange={({ target }) => onChange({ ...reminder, choice: target.value as ReminderChoice })}
					{...(fault ? { "aria-invalid": true, "aria-describedby": `${id}-fault` } : {})}
				>
					{choices.map((value) => (
						<option key={value} value={value}>
							{REMINDER_LABELS[value]}
						</option>
					))}
				</select>
			</Field>
			{choice === "own" && (
				<div className="grid grid-cols-[minmax(0,1.5fr)_minmax(0,1fr)] gap-3 max-[24rem]:grid-cols-1">
					<input
						type="date"
						aria-label="Reminder date"
						className="field"
						min="1900-01-01"
						max="9999-12-31"
						value={reminder.own.date}
						onChange={({ target }) =>
							onChange({ choice: "own", own: { ...reminder.own, date: target.value } })
						}
					/>
					<input
						type="time"
						aria-label="Reminder time"
						className="field"
						value={reminder.own.time}
						onChange={({ target }) =>
							onChange({ choice: "own", own: { ...reminder.own, time: target.value } })
						}
					/>
				</div>
			)}
		</div>
	);
}

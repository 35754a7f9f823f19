import { fromFields, startOfDay, toFields } from "../dates";

/** When somebody wants to be reminded, as they would say it. All but `own` follow the due date when it moves. */
export type ReminderChoice = "none" | "quarter" | "hour" | "day" | "morning" | "evening" | "own";

export interface Reminder {
	choice: ReminderChoice;
	own: Fields;
}

export interface Fields {
	date: string;
	time: string;
}

export const REMINDER_LABELS: Record<ReminderChoice, string> = {
	none: "No reminder",
	quarter: "15 minutes before",
	hour: "1 hour before",
	day: "1 day before",
	morning: "At 9:00 on the day",
	evening: "At 18:00 the day before",
	own: "At a time of its own",
};

const MINUTE = 60_000;
const BEFORE = { quarter: 15 * MINUTE, hour: 60 * MINUTE, day: 24 * 60 * MINUTE };

/** What makes sense for this due date: "15 minutes before" means little for a task that is due on a day. */
export function reminderChoices(due: Fields): ReminderChoice[] {
	if (fromFields(due) === null) return ["none", "own"];
	return due.time === ""
		? ["none", "morning", "evening", "own"]
		: ["none", "quarter", "hour", "day", "evening", "own"];
}

/** The instant that is meant; null for none, and while its own time is not written yet. */
export function reminderInstant(reminder: Reminder, due: Fields): string | null {
	const { choice, own } = reminder;
	if (choice === "none") return null;
	if (choice === "own") return own.date === "" ? null : fromFields({ ...own, time: own.time || "09:00" });
	const instant = fromFields(due);
	if (instant === null) return null;
	const at = new Date(instant);
	switch (choice) {
		case "morning":
			return new Date(at.getFullYear(), at.getMonth(), at.getDate(), 9).toISOString();
		case "evening": {
			const before = startOfDay(at, -1);
			return new Date(before.getFullYear(), before.getMonth(), before.getDate(), 18).toISOString();
		}
		default:
			return new Date(at.getTime() - BEFORE[choice]).toISOString();
	}
}

/** How a task's reminder is best said: by the due date where that gives the same instant, else by its own time. */
export function reminderOf(reminderAt: string | null, dueDate: string | null): Reminder {
	if (reminderAt === null) return { choice: "none", own: { date: "", time: "" } };
	const own = toFields(reminderAt);
	const due = toFields(dueDate);
	const same = reminderChoices(due).find((choice) => {
		const instant = choice === "own" ? null : reminderInstant({ choice, own }, due);
		return instant !== null && Math.abs(Date.parse(instant) - Date.parse(reminderAt)) < MINUTE;
	});
	return { choice: same ?? "own", own };
}

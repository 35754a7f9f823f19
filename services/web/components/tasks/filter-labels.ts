import type { Due, Priority } from "@/lib/selection";

export const PRIORITY_LABELS: Record<Priority, string> = {
	high: "High priority",
	medium: "Medium priority",
	low: "Low priority",
	none: "No priority",
};

export const DUE_LABELS: Record<Due, string> = {
	any: "Any time",
	overdue: "Overdue",
	today: "Due today",
	week: "Due in the next 7 days",
};

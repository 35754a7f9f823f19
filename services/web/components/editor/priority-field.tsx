"use client";

import { useId } from "react";
import type { Priority } from "@/lib/selection";

const LABELS: [Priority, string][] = [
	["none", "None"],
	["low", "Low"],
	["medium", "Medium"],
	["high", "High"],
];

export function PriorityField({
	priority,
	onChange,
}: {
	priority: Priority;
	onChange: (priority: Priority) => void;
}) {
	const id = useId();
	return (
		<fieldset className="min-w-0">
			<legend className="font-medium">Priority</legend>
			<div className="mt-1.5 grid grid-cols-4 rounded-lg bg-sunken p-0.5">
				{LABELS.map(([value, label]) => (
					<label
						key={value}
						className="relative grid min-h-10 cursor-pointer place-items-center rounded-md text-soft max-[24rem]:text-sm transition-colors hover:text-ink has-checked:bg-card has-checked:font-medium has-checked:text-ink has-checked:shadow-sm has-focus-visible:outline-2 has-focus-visible:outline-accent"
					>
						<input
							type="radio"
							name={`${id}-priority`}
							className="absolute inset-0 cursor-pointer opacity-0"
							checked={priority === value}
							onChange={() => onChange(value)}
						/>
						{label}
					</label>
				))}
			</div>
		</fieldset>
	);
}

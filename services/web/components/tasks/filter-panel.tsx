"use client";

import type { ReactNode } from "react";
import { type Due, PRIORITIES, type Selection } from "@/lib/selection";
import { useTags } from "@/lib/tasks/queries";
import { TagDot } from "../tag-dot";
import { DUE_LABELS, PRIORITY_LABELS } from "./filter-labels";

export function FilterPanel({
	selection,
	onChange,
}: {
	selection: Selection;
	onChange: (change: Partial<Selection>) => void;
}) {
	const tags = useTags();
	const { priorities, tagIds, tagMatch, due } = selection;
	return (
		<div className="card grid gap-5 p-4 sm:grid-cols-2 sm:p-5">
			<Group title="Due">
				{(Object.keys(DUE_LABELS) as Due[]).map((value) => (
					<Choice
						key={value}
						type="radio"
						name="due"
						label={DUE_LABELS[value]}
						checked={due === value}
						onChange={() => onChange({ due: value })}
					/>
				))}
			</Group>
			<Group title="Priority">
				{PRIORITIES.map((priority) => (
					<Choice
						key={priority}
						type="checkbox"
						label={PRIORITY_LABELS[priority]}
						checked={priorities.includes(priority)}
						onChange={(checked) =>
							onChange({
								priorities: PRIORITIES.filter((other) =>
									other === priority ? checked : priorities.includes(other),
								),
							})
						}
					/>
				))}
			</Group>
			<div className="sm:col-span-2">
				<Group title="Tags" wide>
					{tags.data?.length === 0 && <p className="py-1 text-soft">There are no tags yet.</p>}
					{tags.data?.map((tag) => (
						<Choice
							key={tag.id}
							type="checkbox"
							label={tag.name}
							dot={<TagDot color={tag.color} />}
							checked={tagIds.includes(tag.id)}
							onChange={(checked) =>
								onChange({ tagIds: checked ? [...tagIds, tag.id] : tagIds.filter((id) => id !== tag.id) })
							}
						/>
					))}
				</Group>
				{tagIds.length > 1 && (
					<Group title="Of these tags" wide>
						{(["any", "all"] as const).map((value) => (
							<Choice
								key={value}
								type="radio"
								name="match"
								label={value === "any" ? "Any of them" : "All of them"}
								checked={tagMatch === value}
								onChange={() => onChange({ tagMatch: value })}
							/>
						))}
					</Group>
				)}
			</div>
		</div>
	);
}

function Group({ title, wide = false, children }: { title: string; wide?: boolean; children: ReactNode }) {
	return (
		<fieldset>
			<legend className="text-sm font-medium text-soft">{title}</legend>
			<div className={`mt-1.5 ${wide ? "flex flex-wrap gap-x-5" : "grid"}`}>{children}</div>
		</fieldset>
	);
}

function Choice({
	type,
	name,
	label,
	dot,
	checked,
	onChange,
}: {
	type: "radio" | "checkbox";
	name?: string;
	label: string;
	dot?: ReactNode;
	checked: boolean;
	onChange: (checked: boolean) => void;
}) {
	return (
		<label className="flex min-h-9 cursor-pointer items-center gap-2.5">
			<input
				type={type}
				name={name}
				checked={checked}
				onChange={({ target }) => onChange(target.checked)}
				className="size-4.5 accent-accent"
			/>
			{dot}
			{label}
		</label>
	);
}

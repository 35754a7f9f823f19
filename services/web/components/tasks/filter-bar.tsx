"use client";

import dynamic from "next/dynamic";
import { useEffect, useId, useRef, useState } from "react";
import { filterCount, type Selection, SORTS, type Sort } from "@/lib/selection";
import { useTags } from "@/lib/tasks/queries";
import { Icon } from "../icon";
import { TagDot } from "../tag-dot";
import { DUE_LABELS, PRIORITY_LABELS } from "./filter-labels";

const FilterPanel = dynamic(() => import("./filter-panel").then((module) => module.FilterPanel), {
	ssr: false,
});

type Change = (change: Partial<Selection>, how?: "push" | "replace") => void;

const STATES = [
	["open", "Open"],
	["done", "Done"],
	["all", "All"],
] as const;

export function FilterBar({
	selection,
	onChange,
	busy,
}: {
	selection: Selection;
	onChange: Change;
	busy: boolean;
}) {
	const id = useId();
	const [open, setOpen] = useState(false);
	const count = filterCount(selection);
	return (
		<search className="mt-5 grid gap-3">
			<SearchField search={selection.search} onChange={onChange} busy={busy} />
			<div className="flex flex-wrap items-center gap-x-2 gap-y-2">
				<fieldset className="flex rounded-lg bg-sunken p-0.5">
					<legend className="sr-only">State</legend>
					{STATES.map(([value, label]) => (
						<label
							key={value}
							className="relative grid min-h-9 place-items-center rounded-md px-3.5 text-[0.95rem] text-soft transition-colors hover:text-ink has-checked:bg-card has-checked:font-medium has-checked:text-ink has-checked:shadow-sm has-focus-visible:outline-2 has-focus-visible:outline-accent"
						>
							<input
								type="radio"
								name={`${id}-state`}
								className="absolute inset-0 opacity-0"
								checked={selection.status === value}
								onChange={() => onChange({ status: value })}
							/>
							{label}
						</label>
					))}
				</fieldset>
				<button
					type="button"
					className="button-plain"
					aria-expanded={open}
					aria-controls={`${id}-panel`}
					onClick={() => setOpen(!open)}
				>
					<Icon name="filter" className="size-4" />
					Filters{count > 0 ? ` (${count})` : ""}
				</button>
				<Order selection={selection} onChange={onChange} />
			</div>
			<div id={`${id}-panel`} hidden={!open}>
				{open && <FilterPanel selection={selection} onChange={onChange} />}
			</div>
			{count > 0 && !open && <Chips selection={selection} onChange={onChange} />}
		</search>
	);
}

function SearchField({ search, onChange, busy }: { search: string; onChange: Change; busy: boolean }) {
	const [text, setText] = useState(search);
	const written = useRef(search);

	// The address may change by itself: "back", a link, "show all".
	useEffect(() => {
		if (search === written.current) return;
		written.current = search;
		setText(search);
	}, [search]);

	useEffect(() => {
		const wanted = text.trim();
		if (wanted === written.current) return;
		const timer = setTimeout(() => {
			written.current = wanted;
			onChange({ search: wanted }, "replace");
		}, 180);
		return () => clearTimeout(timer);
	}, [text, onChange]);

	return (
		<div className="relative">
			<label htmlFor="search" className="sr-only">
				Search
			</label>
			<Icon
				name="search"
				className={`pointer-events-none absolute top-3 left-3.5 size-5 text-soft ${busy ? "animate-pulse" : ""}`}
			/>
			<input
				id="search"
				type="search"
				className="field pl-11 [&::-webkit-search-cancel-button]:appearance-none"
				placeholder="Search"
				autoComplete="off"
				maxLength={200}
				value={text}
				onChange={({ target }) => setText(target.value)}
				onKeyDown={(event) => {
					if (event.key === "Escape" && text !== "") {
						event.preventDefault();
						setText("");
					}
				}}
			/>
			{text !== "" && (
				<button
					type="button"
					className="button-icon absolute top-1 right-1"
					aria-label="Clear the search"
					onClick={() => {
						setText("");
						document.querySelector<HTMLInputElement>("#search")?.focus();
					}}
				>
					<Icon name="close" className="size-4" />
				</button>
			)}
		</div>
	);
}

function Order({ selection, onChange }: { selection: Selection; onChange: Change }) {
	const ascending = selection.direction === "asc";
	return (
		<div className="ml-auto flex items-center">
			<select
				aria-label="Sort by"
				className="min-h-9 cursor-pointer text-soft max-[24rem]:max-w-24 rounded-lg bg-transparent px-1.5 font-medium hover:bg-sunken hover:text-ink"
				value={selection.sort}
				onChange={({ target }) => {
					const sort = target.value as Sort;
					onChange({ sort, direction: SORTS[sort].first });
				}}
			>
				{Object.entries(SORTS).map(([value, { label }]) => (
					<option key={value} value={value} className="bg-card text-ink">
						{label}
					</option>
				))}
			</select>
			{selection.sort !== "position" && (
				<button
					type="button"
					className="button-icon"
					aria-label={ascending ? "Ascending. Turn around" : "Descending. Turn around"}
					onClick={() => onChange({ direction: ascending ? "desc" : "asc" })}
				>
					<Icon name={ascending ? "up" : "down"} className="size-4" />
				</button>
			)}
		</div>
	);
}

/** The filters at work, each with its way out. */
function Chips({ selection, onChange }: { selection: Selection; onChange: Change }) {
	const tags = useTags();
	const { priorities, tagIds, due } = selection;
	return (
		<ul aria-label="Filters at work" className="flex flex-wrap gap-2">
			{due !== "any" && <Chip label={DUE_LABELS[due]} onRemove={() => onChange({ due: "any" })} />}
			{priorities.map((priority) => (
				<Chip
					key={priority}
					label={PRIORITY_LABELS[priority]}
					onRemove={() => onChange({ priorities: priorities.filter((other) => other !== priority) })}
				/>
			))}
			{tagIds.map((id) => {
				const tag = tags.data?.find((candidate) => candidate.id === id);
				return (
					<Chip
						key={id}
						label={tag?.name ?? (tags.isPending ? "…" : "A tag that is gone")}
						{...(tag ? { color: tag.color } : {})}
						onRemove={() => onChange({ tagIds: tagIds.filter((other) => other !== id) })}
					/>
				);
			})}
			<li>
				<button
					type="button"
					className="button-plain text-sm"
					onClick={() => onChange({ due: "any", priorities: [], tagIds: [] })}
				>
					Clear filters
				</button>
			</li>
		</ul>
	);
}

function Chip({ label, color, onRemove }: { label: string; color?: string; onRemove: () => void }) {
	return (
		<li className="flex items-center gap-1.5 rounded-full bg-accent-wash pr-1 pl-3 text-sm text-accent-deep">
			{color && <TagDot color={color} className="size-2.5" />}
			{label}
			<button
				type="button"
				aria-label={`Remove filter ${label}`}
				className="grid size-8 place-items-center rounded-full hover:bg-card"
				onClick={onRemove}
			>
				<Icon name="close" className="size-3.5" />
			</button>
		</li>
	);
}

"use client";

import { type KeyboardEvent, useId, useState } from "react";
import { useTags } from "@/lib/tasks/queries";
import { Icon } from "../icon";
import { TagDot } from "../tag-dot";

/** The colour of a tag that is still to be made; the API chooses its own. */
const UNKNOWN = "#8A8A8A";

export function TagsField({ tags, onChange }: { tags: string[]; onChange: (tags: string[]) => void }) {
	const id = useId();
	const known = useTags().data ?? [];
	const [text, setText] = useState("");
	const same = (one: string, other: string) => one.toLocaleLowerCase() === other.toLocaleLowerCase();
	const has = (name: string) => tags.some((tag) => same(tag, name));

	function add(name: string) {
		const wanted = name.trim();
		setText("");
		if (wanted === "" || has(wanted)) return;
		onChange([...tags, known.find((tag) => same(tag.name, wanted))?.name ?? wanted]);
	}

	function press(event: KeyboardEvent) {
		if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === ",") {
			if (event.key === "Enter" && text.trim() === "") return;
			event.preventDefault();
			add(text);
		}
		if (event.key === "Backspace" && text === "" && tags.length > 0) onChange(tags.slice(0, -1));
	}

	return (
		<div className="grid gap-1.5">
			<label htmlFor={id} className="font-medium">
				Tags
			</label>
			<div className="flex min-h-11 flex-wrap items-center gap-1.5 rounded-lg border border-edge bg-card p-1.5 focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent">
				{tags.length > 0 && (
					<ul aria-label="Tags of this task" className="contents">
						{tags.map((name) => (
							<li
								key={name}
								className="flex min-w-0 items-center gap-1.5 rounded-full bg-accent-wash pl-2.5 text-sm text-accent-deep"
							>
								<TagDot
									color={known.find((tag) => same(tag.name, name))?.color ?? UNKNOWN}
									className="size-2.5"
								/>
								<span className="truncate">{name}</span>
								<button
									type="button"
									aria-label={`Remove tag ${name}`}
									className="grid size-7 place-items-center rounded-full hover:bg-card"
									onClick={() => onChange(tags.filter((tag) => tag !== name))}
								>
									<Icon name="close" className="size-3.5" />
								</button>
							</li>
						))}
					</ul>
				)}
				<input
					id={id}
					list={`${id}-known`}
					className="min-h-8 min-w-28 grow basis-28 bg-transparent px-2 placeholder:text-soft focus-visible:outline-none"
					placeholder={tags.length === 0 ? "Home, Work…" : "Another…"}
					autoComplete="off"
					maxLength={50}
					value={text}
					onChange={({ target, nativeEvent }) => {
						// Taken from the list, and not typed: it is meant.
						const chosen = (nativeEvent as InputEvent).inputType === "insertReplacementText";
						if (chosen) add(target.value);
						else setText(target.value);
					}}
					onKeyDown={press}
					onBlur={() => add(text)}
				/>
				<datalist id={`${id}-known`}>
					{known
						.filter(({ name }) => !has(name))
						.map(({ id: tag, name }) => (
							<option key={tag} value={name} />
						))}
				</datalist>
			</div>
		</div>
	);
}

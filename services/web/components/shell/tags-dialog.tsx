"use client";

import { isProblem } from "@drawbridge/client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import type { Tag } from "@/lib/api/api";
import { describeFailure } from "@/lib/failure";
import { keys } from "@/lib/tasks/keys";
import { useTags } from "@/lib/tasks/queries";
import { useWorkspace } from "@/lib/workspace";
import { FailurePanel } from "../tasks/list-states";
import { AskFirst } from "../trash/ask-first";
import { Dialog } from "./dialog";

export function TagsDialog({ onClose }: { onClose: () => void }) {
	const { api } = useWorkspace();
	const queries = useQueryClient();
	const tags = useTags();
	const [name, setName] = useState("");
	const [asking, setAsking] = useState<string | null>(null);
	const [refusal, setRefusal] = useState<string | null>(null);

	const refreshed = () => {
		setRefusal(null);
		return Promise.all(
			[keys.tags, keys.lists, keys.stats].map((queryKey) => queries.invalidateQueries({ queryKey })),
		);
	};
	const refused = (error: unknown) => {
		if (isProblem(error, "tag_name_conflict")) return setRefusal("There is a tag with this name already.");
		const { title, advice } = describeFailure(error);
		setRefusal(`${title}. ${advice}`);
	};
	const creation = useMutation({
		mutationFn: (wanted: string) => api.createTag(wanted),
		onSuccess: refreshed,
		onError: (error, wanted) => {
			setName((now) => now || wanted);
			refused(error);
		},
	});
	const change = useMutation({
		mutationFn: ({ id, body }: { id: string; body: { name?: string; color?: string } }) =>
			api.patchTag(id, body),
		onMutate: ({ id, body }) => {
			const before = queries.getQueryData<Tag[]>(keys.tags);
			queries.setQueryData<Tag[]>(keys.tags, (all) =>
				all?.map((tag) => (tag.id === id ? { ...tag, ...body } : tag)),
			);
			return before;
		},
		onSuccess: refreshed,
		onError: (error, _variables, before) => {
			if (before) queries.setQueryData(keys.tags, before);
			refused(error);
		},
	});
	const removal = useMutation({
		mutationFn: (id: string) => api.removeTag(id),
		onSuccess: refreshed,
		onError: refused,
	});

	function add(event: FormEvent) {
		event.preventDefault();
		const wanted = name.trim();
		if (wanted === "") return;
		setName("");
		creation.mutate(wanted);
	}

	return (
		<Dialog title="Tags" onClose={onClose}>
			{refusal && (
				<p
					role="alert"
					className="mb-4 rounded-lg border border-alarm/30 bg-alarm-wash px-4 py-2.5 text-alarm"
				>
					{refusal}
				</p>
			)}
			{tags.error && !tags.data && (
				<FailurePanel failure={describeFailure(tags.error)} onRetry={() => void tags.refetch()} />
			)}
			{tags.data?.length === 0 && <p className="mb-4 text-soft">There are no tags yet.</p>}
			<ul className="divide-y divide-line">
				{tags.data?.map((tag) => (
					<li key={tag.id} className="flex flex-wrap items-center gap-2 py-2">
						<ColorField tag={tag} onChange={(color) => change.mutate({ id: tag.id, body: { color } })} />
						<NameField
							key={tag.name}
							tag={tag}
							onChange={(next) => change.mutate({ id: tag.id, body: { name: next } })}
						/>
						<AskFirst
							ask="Delete"
							name={`Delete tag ${tag.name}`}
							question={
								tag.task_count
									? `From ${tag.task_count} ${tag.task_count === 1 ? "task" : "tasks"}?`
									: "Sure?"
							}
							yes="Delete"
							no="Keep"
							asking={asking === tag.id}
							onAsk={(open) => setAsking(open ? tag.id : null)}
							onYes={() => removal.mutate(tag.id)}
						/>
					</li>
				))}
			</ul>
			<form method="post" onSubmit={add} className="mt-4 flex gap-2">
				<input
					aria-label="New tag"
					className="field"
					placeholder="Another tag"
					autoComplete="off"
					maxLength={50}
					value={name}
					onChange={({ target }) => setName(target.value)}
				/>
				<button type="submit" className="button-primary" disabled={name.trim() === ""}>
					Add
				</button>
			</form>
		</Dialog>
	);
}

/** Sent when the picker is closed, and not for each colour on the way: the browser's `change`, which React has no name for. */
function ColorField({ tag, onChange }: { tag: Tag; onChange: (color: string) => void }) {
	const field = useRef<HTMLInputElement>(null);
	const latest = useRef(onChange);
	latest.current = onChange;
	useEffect(() => {
		const input = field.current;
		const chosen = () => input && latest.current(input.value.toUpperCase());
		input?.addEventListener("change", chosen);
		return () => input?.removeEventListener("change", chosen);
	}, []);
	return (
		<input
			ref={field}
			type="color"
			aria-label={`Colour of ${tag.name}`}
			className="size-9 shrink-0 cursor-pointer rounded-lg border border-edge bg-card p-1"
			defaultValue={tag.color}
		/>
	);
}

function NameField({ tag, onChange }: { tag: Tag; onChange: (name: string) => void }) {
	const [name, setName] = useState(tag.name);
	const send = () => {
		const wanted = name.trim();
		if (wanted === "") setName(tag.name);
		else if (wanted !== tag.name) onChange(wanted);
	};
	return (
		<input
			aria-label={`Name of ${tag.name}`}
			className="min-h-10 min-w-32 grow basis-32 rounded-lg border border-transparent bg-transparent px-2.5 hover:border-line focus:border-edge"
			maxLength={50}
			value={name}
			onChange={({ target }) => setName(target.value)}
			onBlur={send}
			onKeyDown={(event) => {
				if (event.key === "Enter") {
					event.preventDefault();
					send();
				}
			}}
		/>
	);
}

"use client";

import { ConflictError } from "@drawbridge/client";
import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import type { Task } from "@/lib/api/api";
import { fromFields, toFields } from "@/lib/dates";
import { type EditorDraft, writeEditorDraft } from "@/lib/editor/draft";
import { bodyOf, faultOf, formOf, isChanged, merged, patchOf, type TaskForm } from "@/lib/editor/form";
import { describeFailure, type Failure } from "@/lib/failure";
import type { TaskActions } from "@/lib/tasks/actions";
import { toasts } from "@/lib/toasts";
import { useWorkspace } from "@/lib/workspace";
import { Icon } from "../icon";
import { Dialog } from "../shell/dialog";
import { ConflictPanel } from "./conflict-panel";
import { Field } from "./field";
import { PriorityField } from "./priority-field";
import { RecurrenceField } from "./recurrence-field";
import { Subtasks } from "./subtasks";
import { TagsField } from "./tags-field";
import { DueField, ReminderField } from "./when-fields";

export function TaskFormDialog({
	task,
	parent,
	start,
	restored,
	actions,
	onOpen,
	onClose,
}: {
	/** Null for one to be. */
	task: Task | null;
	parent?: Task;
	start: EditorDraft;
	/** Whether what is in it was typed earlier and not saved. */
	restored: boolean;
	actions: TaskActions;
	onOpen: (id: string) => void;
	onClose: () => void;
}) {
	const id = useId();
	const { user } = useWorkspace();
	const [form, setForm] = useState(start.form);
	const [from, setFrom] = useState({ base: start.base, version: start.version });
	const [busy, setBusy] = useState(false);
	const [fault, setFault] = useState<ReturnType<typeof faultOf>>(null);
	const [failure, setFailure] = useState<Failure | null>(null);
	const [conflict, setConflict] = useState<Task | null>(null);
	const alert = useRef<HTMLDivElement>(null);
	const dirty = isChanged(from.base, form);
	const draftId = task?.id;

	useEffect(() => {
		writeEditorDraft(user.id, draftId, dirty ? { form, ...from } : null);
	}, [user.id, draftId, dirty, form, from]);
	useEffect(() => {
		if (failure) alert.current?.focus();
	}, [failure]);

	const set = (part: Partial<TaskForm>) => {
		setForm((before) => ({ ...before, ...part }));
		setFault(null);
	};

	function done() {
		writeEditorDraft(user.id, draftId, null);
		onClose();
	}

	function close() {
		if (dirty)
			toasts.show({ kind: "done", text: "Not saved yet. What you typed is kept for when you come back." });
		onClose();
	}

	async function save(over: { base: TaskForm; version: number | null } = from) {
		const wrong = faultOf(form);
		setFault(wrong);
		setFailure(null);
		if (wrong) {
			document.querySelector<HTMLElement>(`[data-editor] [aria-invalid="true"]`)?.focus();
			return;
		}
		setBusy(true);
		try {
			if (task) await update(task, over);
			else if (!(await create())) return setBusy(false);
			done();
		} catch (error) {
			setBusy(false);
			if (error instanceof ConflictError && error.current) setConflict(error.current as Task);
			else setFailure(describeFailure(error));
		}
	}

	async function update(existing: Task, over: { base: TaskForm; version: number | null }) {
		const body = patchOf(over.base, form);
		if (Object.keys(body).length === 0) return;
		const saved = await actions.edit({ id: existing.id, body, version: over.version });
		toasts.show({ kind: "done", text: `Saved: ${saved.title}` });
	}

	const create = () =>
		actions.add(
			{ ...bodyOf(form), ...(parent ? { parent_id: parent.id } : {}) },
			form.tags.map((name) => ({ id: name, name, color: "#8A8A8A" })),
		);

	function keepMine(current: Task) {
		setConflict(null);
		const theirs = formOf(current);
		const both = merged(from.base, form, theirs);
		setForm(both);
		setFrom({ base: theirs, version: current.version });
		void save({ base: from.base, version: current.version });
	}

	function takeTheirs(current: Task) {
		const theirs = formOf(current);
		setConflict(null);
		setForm(theirs);
		setFrom({ base: theirs, version: current.version });
	}

	function submit(event: FormEvent) {
		event.preventDefault();
		if (!busy) void save();
	}

	function press(event: KeyboardEvent) {
		if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !busy) {
			event.preventDefault();
			void save();
		}
	}

	const faultIn = (field: "title" | "due" | "reminder") => (fault?.field === field ? fault.text : null);
	return (
		<Dialog
			title={task ? "Edit task" : parent ? `New subtask of ${parent.title}` : "New task"}
			side="right"
			guarded={dirty}
			onClose={close}
			footer={
				<div className="flex flex-wrap items-center gap-2.5">
					<button type="submit" form={id} className="button-primary" disabled={busy}>
						{busy ? "Saving…" : task ? "Save" : "Add task"}
					</button>
					<button type="button" className="button-quiet" onClick={done}>
						{dirty ? "Discard changes" : "Cancel"}
					</button>
					{task && (
						<button
							type="button"
							className="button-icon ml-auto hover:bg-alarm-wash hover:text-alarm"
							aria-label="Delete this task"
							onClick={() => {
								done();
								void actions.remove(task);
							}}
						>
							<Icon name="bin" />
						</button>
					)}
				</div>
			}
		>
			{conflict && (
				<ConflictPanel
					mine={merged(from.base, form, formOf(conflict))}
					theirs={formOf(conflict)}
					onMine={() => keepMine(conflict)}
					onTheirs={() => takeTheirs(conflict)}
				/>
			)}
			{failure && (
				<div
					ref={alert}
					role="alert"
					tabIndex={-1}
					className="mb-5 rounded-lg border border-alarm/30 bg-alarm-wash px-4 py-3 outline-none"
				>
					<p className="font-medium text-alarm">It is not saved. {failure.title}.</p>
					<p className="mt-0.5">{failure.advice}</p>
				</div>
			)}
			{restored && dirty && !conflict && (
				<p role="status" className="mb-5 rounded-lg bg-accent-wash px-4 py-2.5 text-accent-deep">
					This is what you typed earlier and did not save.
				</p>
			)}
			<form
				id={id}
				method="post"
				noValidate
				data-editor
				onSubmit={submit}
				onKeyDown={press}
				className="grid gap-5"
			>
				<Field label="Title" htmlFor={`${id}-title`} fault={faultIn("title")} faultId={`${id}-title-fault`}>
					<input
						id={`${id}-title`}
						className="field"
						autoFocus
						autoComplete="off"
						maxLength={255}
						value={form.title}
						onChange={({ target }) => set({ title: target.value })}
						{...(faultIn("title") ? { "aria-invalid": true, "aria-describedby": `${id}-title-fault` } : {})}
					/>
				</Field>
				<Field label="Notes" htmlFor={`${id}-notes`}>
					<textarea
						id={`${id}-notes`}
						className="field field-sizing-content max-h-80 min-h-24 resize-y py-2.5"
						maxLength={10_000}
						value={form.description}
						onChange={({ target }) => set({ description: target.value })}
					/>
				</Field>
				<PriorityField priority={form.priority} onChange={(priority) => set({ priority })} />
				<DueField due={form.due} fault={faultIn("due")} onChange={(due) => set({ due })} />
				<RecurrenceField
					rrule={form.rrule}
					timezone={form.timezone}
					due={form.due}
					onChange={(rrule) => {
						// A series begins with a day; today, where none was said.
						const begun = rrule === "" || fromFields(form.due) !== null;
						set({
							rrule,
							...(begun ? {} : { due: { date: toFields(new Date().toISOString()).date, time: "" } }),
						});
					}}
				/>
				<ReminderField
					reminder={form.reminder}
					due={form.due}
					fault={faultIn("reminder")}
					onChange={(reminder) => set({ reminder })}
				/>
				<TagsField tags={form.tags} onChange={(tags) => set({ tags })} />
			</form>
			{task && <Subtasks task={task} actions={actions} onOpen={onOpen} />}
		</Dialog>
	);
}

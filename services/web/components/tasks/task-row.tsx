"use client";

import { memo, type PointerEvent } from "react";
import { isPending } from "@/lib/tasks/placeholder";
import type { TaskLine } from "@/lib/tasks/tree";
import { Icon } from "../icon";
import { TaskFacts } from "./task-facts";

export interface RowActions {
	complete(line: TaskLine, completed: boolean): void;
	open(line: TaskLine): void;
	remove(line: TaskLine): void;
	fold(line: TaskLine, open: boolean): void;
	grab(line: TaskLine, event: PointerEvent): void;
}

interface RowProps {
	line: TaskLine;
	now: Date;
	movable: boolean;
	grabbed: boolean;
	act: RowActions;
}

/** One task. Its checkbox, its title and its bin are all in the order of the Tab key; the rest is read. */
export const TaskRow = memo(function TaskRow({ line, now, movable, grabbed, act }: RowProps) {
	const { task, depth, children } = line;
	const pending = isPending(task);
	return (
		<div
			className={`group flex items-start gap-2.5 py-1.5 pr-1.5 transition-opacity sm:gap-3 sm:pr-2.5 ${grabbed ? "opacity-40" : ""}`}
			style={{ paddingInlineStart: `${0.875 + depth * 1.75}rem` }}
		>
			{movable && depth === 0 && (
				<button
					type="button"
					tabIndex={-1}
					aria-label={`Drag ${task.title}`}
					title="Drag, or Alt and an arrow key"
					className="-mx-2 grid h-11 w-7 shrink-0 cursor-grab touch-none place-items-center rounded text-soft/70 hover:text-ink active:cursor-grabbing"
					onPointerDown={(event) => act.grab(line, event)}
				>
					<Icon name="grip" className="size-4.5" />
				</button>
			)}
			<span className="relative mt-2.5 grid size-6 shrink-0 place-items-center">
				<input
					type="checkbox"
					aria-label={task.title}
					checked={task.completed}
					aria-disabled={pending}
					onChange={({ target }) => pending || act.complete(line, target.checked)}
					className="peer size-6 appearance-none rounded-full border-2 border-edge bg-page transition-colors before:absolute before:-inset-2.5 before:content-[''] checked:border-accent checked:bg-accent hover:border-accent"
				/>
				<Icon
					name="check"
					className="pointer-events-none absolute size-4 stroke-3 text-on-accent opacity-0 peer-checked:opacity-100"
				/>
			</span>
			<div className="min-w-0 grow py-2">
				<button
					type="button"
					data-open
					aria-haspopup="dialog"
					aria-label={`Open ${task.title}`}
					disabled={pending}
					onClick={() => act.open(line)}
					className={`block w-full text-left leading-7 wrap-anywhere transition-colors ${task.completed ? "text-soft line-through decoration-soft/60" : ""}`}
				>
					{task.title}
				</button>
				<TaskFacts line={line} now={now} onFold={act.fold} />
			</div>
			<button
				type="button"
				aria-label={`Delete ${task.title}`}
				disabled={pending}
				onClick={() => act.remove(line)}
				className="button-icon mt-1 transition-opacity hover:bg-alarm-wash hover:text-alarm focus-visible:opacity-100 sm:opacity-0 sm:group-focus-within:opacity-100 sm:group-hover:opacity-100 [@media(hover:none)]:opacity-100"
			>
				<Icon name="bin" className="size-4.5" />
			</button>
			{children.open && children.count === 0 && <span className="sr-only">No subtasks</span>}
		</div>
	);
});

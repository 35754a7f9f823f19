"use client";

import { type PointerEvent as ReactPointerEvent, type RefObject, useCallback, useRef, useState } from "react";
import type { Move } from "@/lib/api/api";
import type { TaskLine } from "@/lib/tasks/tree";

interface Over {
	index: number;
	edge: "top" | "bottom";
}

/** How near to the window's edge it begins to scroll, and how fast at most, in pixels (a frame). */
const EDGE = 90;
const SPEED = 14;

/** Where a task goes that takes one step up or down among its own kind; null at the end. */
export function siblingOf(lines: readonly TaskLine[], from: number, step: -1 | 1): Move | null {
	const line = lines[from];
	if (!line) return null;
	for (let index = from + step; index >= 0 && index < lines.length; index += step) {
		const other = lines[index];
		if (!other || other.depth < line.depth) return null;
		if (other.depth === line.depth) return step < 0 ? { before: other.task.id } : { after: other.task.id };
	}
	return null;
}

/** Dragging a row by its grip, with mouse, finger or pen. The keyboard has Alt and the arrows. */
export function useDragging(
	root: RefObject<HTMLUListElement | null>,
	lines: readonly TaskLine[],
	onDrop: (line: TaskLine, to: Move) => void,
) {
	const [id, setId] = useState<string | null>(null);
	const [over, setOver] = useState<Over | null>(null);
	const latest = useRef({ lines, onDrop });
	latest.current = { lines, onDrop };

	const grab = useCallback(
		(line: TaskLine, event: ReactPointerEvent) => {
			if (event.button !== 0) return;
			event.preventDefault();
			const pointer = event.pointerId;
			let y = event.clientY;
			let target: Over | null = null;
			setId(line.task.id);

			function look() {
				target = placeAt(root.current, latest.current.lines, line, y);
				setOver(target);
			}
			let frame = requestAnimationFrame(function scroll() {
				const speed = Math.max(0, EDGE - y) - Math.max(0, y - window.innerHeight + EDGE);
				if (speed !== 0) {
					window.scrollBy(0, -(speed / EDGE) * SPEED);
					look();
				}
				frame = requestAnimationFrame(scroll);
			});

			const move = (moved: PointerEvent) => {
				if (moved.pointerId !== pointer) return;
				y = moved.clientY;
				look();
			};
			const end = (dropped: boolean) => {
				cancelAnimationFrame(frame);
				document.removeEventListener("pointermove", move);
				document.removeEventListener("pointerup", up);
				document.removeEventListener("pointercancel", cancel);
				document.removeEventListener("keydown", giveUp, true);
				setId(null);
				setOver(null);
				const neighbour = target && latest.current.lines[target.index];
				if (!dropped || !target || !neighbour || neighbour.task.id === line.task.id) return;
				const to: Move = target.edge === "top" ? { before: neighbour.task.id } : { after: neighbour.task.id };
				latest.current.onDrop(line, to);
			};
			const up = (lifted: PointerEvent) => lifted.pointerId === pointer && end(true);
			const cancel = () => end(false);
			const giveUp = (pressed: KeyboardEvent) => {
				if (pressed.key !== "Escape") return;
				pressed.stopPropagation();
				end(false);
			};
			document.addEventListener("pointermove", move);
			document.addEventListener("pointerup", up);
			document.addEventListener("pointercancel", cancel);
			document.addEventListener("keydown", giveUp, true);
		},
		[root],
	);

	return { id, over, grab };
}

/** The edge of the row that is nearest to this height, among rows on the level of the one that is dragged. */
function placeAt(
	list: HTMLElement | null,
	lines: readonly TaskLine[],
	dragged: TaskLine,
	y: number,
): Over | null {
	let nearest: (Over & { distance: number }) | null = null;
	for (const row of list?.querySelectorAll<HTMLElement>("[data-task]") ?? []) {
		const index = Number(row.dataset.index);
		if (lines[index]?.depth !== dragged.depth) continue;
		const { top, bottom } = row.getBoundingClientRect();
		for (const [edge, at] of [
			["top", top],
			["bottom", bottom],
		] as const) {
			const distance = Math.abs(y - at);
			if (!nearest || distance < nearest.distance) nearest = { index, edge, distance };
		}
	}
	return nearest && { index: nearest.index, edge: nearest.edge };
}

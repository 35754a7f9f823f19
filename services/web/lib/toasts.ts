/** Short notes at the foot of the page. They say what was done, and offer the way back where there is one. */
export interface Toast {
	id: number;
	kind: "done" | "failed";
	text: string;
	detail?: string;
	action?: { label: string; run: () => void };
	/** Until somebody takes it away. */
	stays?: boolean;
}

const SHOWN = 3;
let shown: Toast[] = [];
let count = 0;
const listeners = new Set<() => void>();
const timers = new Map<number, ReturnType<typeof setTimeout>>();

function become(next: Toast[]) {
	shown = next;
	for (const listener of listeners) listener();
}

export const toasts = {
	subscribe(listener: () => void) {
		listeners.add(listener);
		return () => {
			listeners.delete(listener);
		};
	},
	snapshot: () => shown,
	show(toast: Omit<Toast, "id">): number {
		count += 1;
		const id = count;
		become([...shown.slice(1 - SHOWN), { ...toast, id }]);
		this.resume(id);
		return id;
	},
	dismiss(id: number) {
		clearTimeout(timers.get(id));
		timers.delete(id);
		if (shown.some((toast) => toast.id === id)) become(shown.filter((toast) => toast.id !== id));
	},
	/** While somebody reads one, or has the focus in it, it stays. */
	hold(id: number) {
		clearTimeout(timers.get(id));
	},
	resume(id: number) {
		clearTimeout(timers.get(id));
		const toast = shown.find((candidate) => candidate.id === id);
		if (!toast || toast.stays) return;
		timers.set(
			id,
			setTimeout(() => this.dismiss(id), toast.kind === "failed" ? 15_000 : toast.action ? 8_000 : 4_000),
		);
	},
	/** The newest way back there is, for the keyboard. */
	undo(): boolean {
		const toast = shown.findLast(({ kind, action }) => kind === "done" && action);
		if (!toast?.action) return false;
		this.dismiss(toast.id);
		toast.action.run();
		return true;
	},
	clear() {
		for (const { id } of shown) this.dismiss(id);
	},
};

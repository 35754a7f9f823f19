"use client";

import { Dialog } from "./dialog";

/** What the sheet lists. They are handled in shortcuts.ts, and the list's own where the list is. */
const SHORTCUTS: { title: string; keys: { keys: string[]; what: string }[] }[] = [
	{
		title: "Anywhere",
		keys: [
			{ keys: ["?"], what: "Show this sheet" },
			{ keys: ["n"], what: "Write a new task" },
			{ keys: ["/"], what: "Search" },
			{ keys: ["u"], what: "Undo what was just done" },
			{ keys: ["."], what: "Developer drawer" },
		],
	},
	{
		title: "In the list",
		keys: [
			{ keys: ["j", "k"], what: "Next and previous task" },
			{ keys: ["Enter"], what: "Open the task" },
			{ keys: ["x"], what: "Done, or to do again" },
			{ keys: ["Delete"], what: "Into the trash" },
			{ keys: ["Alt", "↑ ↓"], what: "Move, in My order" },
			{ keys: ["→", "←"], what: "Unfold and fold subtasks" },
		],
	},
	{
		title: "In the editor",
		keys: [
			{ keys: ["Ctrl", "Enter"], what: "Save" },
			{ keys: ["Esc"], what: "Close" },
		],
	},
];

export function ShortcutSheet({ onClose }: { onClose: () => void }) {
	return (
		<Dialog reading title="Keyboard shortcuts" onClose={onClose}>
			<div className="grid gap-6">
				{SHORTCUTS.map(({ title, keys }) => (
					<section key={title}>
						<h3 className="text-sm font-medium text-soft">{title}</h3>
						<dl className="mt-1.5 divide-y divide-line">
							{keys.map(({ keys: names, what }) => (
								<div key={what} className="flex items-center justify-between gap-4 py-2">
									<dt>{what}</dt>
									<dd className="flex shrink-0 gap-1">
										{names.map((name) => (
											<kbd key={name}>{name}</kbd>
										))}
									</dd>
								</div>
							))}
						</dl>
					</section>
				))}
			</div>
		</Dialog>
	);
}

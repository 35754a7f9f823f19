"use client";

import { Dialog } from "./dialog";
import { SHORTCUTS } from "./shortcuts";

export function ShortcutSheet({ onClose }: { onClose: () => void }) {
	return (
		<Dialog title="Keyboard shortcuts" onClose={onClose}>
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

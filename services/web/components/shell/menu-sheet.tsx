"use client";

import { Dialog } from "./dialog";
import { Navigation } from "./navigation";

export function MenuSheet({ onClose }: { onClose: () => void }) {
	return (
		<Dialog title="Menu" side="left" onClose={onClose}>
			<div className="-mx-2">
				<Navigation onLeave={onClose} />
			</div>
		</Dialog>
	);
}

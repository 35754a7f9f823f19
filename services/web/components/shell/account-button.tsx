"use client";

import { lazy, Suspense, useState } from "react";
import { useWorkspace } from "@/lib/workspace";

const load = () => import("./account-menu");
const AccountMenu = lazy(() => load().then((module) => ({ default: module.AccountMenu })));

/** The menu's code comes when somebody reaches for it. */
export function AccountButton({ onShortcuts }: { onShortcuts: () => void }) {
	const { user } = useWorkspace();
	const [wanted, setWanted] = useState(false);
	const initial = (user.name || user.email).trim().charAt(0).toUpperCase();
	const face = {
		type: "button",
		className:
			"ml-1 grid size-9 place-items-center rounded-full bg-accent-wash font-medium text-accent-deep transition-colors hover:bg-accent hover:text-on-accent",
		"aria-label": `Account of ${user.name || user.email}`,
		"aria-haspopup": "menu",
		children: initial,
	} as const;
	if (!wanted) {
		return (
			<button
				{...face}
				aria-expanded="false"
				onPointerEnter={() => void load()}
				onFocus={() => void load()}
				onClick={() => setWanted(true)}
			/>
		);
	}
	return (
		<Suspense fallback={<button {...face} />}>
			<AccountMenu face={face} onShortcuts={onShortcuts} />
		</Suspense>
	);
}

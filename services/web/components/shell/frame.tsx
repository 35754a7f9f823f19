"use client";

import dynamic from "next/dynamic";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import { useLiveChanges } from "@/lib/tasks/live";
import { BridgeMark } from "../bridge";
import { Icon } from "../icon";
import { AccountButton } from "./account-button";
import { ConnectionNotice } from "./connection-notice";
import { Navigation } from "./navigation";
import { SessionGuard } from "./session-guard";
import { useShortcuts } from "./shortcuts";
import { Toaster } from "./toaster";

const MenuSheet = dynamic(() => import("./menu-sheet").then((module) => module.MenuSheet), { ssr: false });
const ShortcutSheet = dynamic(() => import("./shortcut-sheet").then((module) => module.ShortcutSheet), {
	ssr: false,
});
const DeveloperDrawer = dynamic(
	() => import("../developer/developer-drawer").then((module) => module.DeveloperDrawer),
	{ ssr: false },
);

/** What stands around every page: header, navigation, notes, and the dialogs that can be asked for anywhere. */
export function Frame({ children }: { children: ReactNode }) {
	const live = useLiveChanges();
	const [menu, setMenu] = useState(false);
	const [help, setHelp] = useState(false);
	const [developer, setDeveloper] = useState(false);
	useShortcuts({ help: () => setHelp(true), developer: () => setDeveloper((open) => !open) });

	return (
		<>
			<a
				href="#main"
				className="sr-only z-50 rounded-lg bg-accent px-4 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-3 focus:left-3"
			>
				Skip to content
			</a>
			<header className="sticky top-0 z-20 border-b border-line bg-page">
				<div className="mx-auto flex h-16 w-full max-w-6xl items-center gap-2 px-4 sm:px-6">
					<button
						type="button"
						className="button-icon -ml-2 lg:hidden"
						aria-label="Menu"
						aria-haspopup="dialog"
						onClick={() => setMenu(true)}
					>
						<Icon name="menu" />
					</button>
					<Link href="/" className="flex items-center gap-2.5 rounded-lg">
						<BridgeMark className="size-7" />
						<span className="font-display text-lg tracking-tight max-[22rem]:sr-only">Drawbridge</span>
					</Link>
					<div className="ml-auto flex items-center gap-1">
						<ConnectionNotice live={live} />
						<button
							type="button"
							className="button-icon"
							aria-label="Developer drawer"
							aria-expanded={developer}
							onClick={() => setDeveloper((open) => !open)}
						>
							<Icon name="code" />
						</button>
						<AccountButton onShortcuts={() => setHelp(true)} />
					</div>
				</div>
			</header>
			<div className="mx-auto grid w-full max-w-6xl lg:grid-cols-[13.5rem_minmax(0,1fr)]">
				<aside className="hidden lg:block">
					<div className="sticky top-16 max-h-[calc(100dvh-4rem)] overflow-y-auto px-4 py-7">
						<Navigation />
					</div>
				</aside>
				<main id="main" tabIndex={-1} className="min-w-0 px-4 pt-6 pb-32 outline-none sm:px-6 sm:pt-8">
					<div className="mx-auto w-full max-w-3xl lg:mx-0">{children}</div>
				</main>
			</div>
			<Toaster />
			<SessionGuard />
			{menu && <MenuSheet onClose={() => setMenu(false)} />}
			{help && <ShortcutSheet onClose={() => setHelp(false)} />}
			{developer && <DeveloperDrawer onClose={() => setDeveloper(false)} />}
		</>
	);
}

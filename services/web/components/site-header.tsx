import Link from "next/link";
import type { ReactNode } from "react";
import { BridgeMark } from "./bridge";

export function SiteHeader({ children }: { children?: ReactNode }) {
	return (
		<header className="mx-auto flex w-full max-w-5xl items-center justify-between gap-4 px-5 py-5 sm:px-8">
			<Link href="/" className="flex items-center gap-3 rounded-lg">
				<BridgeMark className="size-8" />
				<span className="font-display text-xl tracking-tight">Drawbridge</span>
			</Link>
			<div className="flex min-w-0 items-center gap-3">{children}</div>
		</header>
	);
}

"use client";

import { useLayoutEffect, useRef } from "react";

/** A button that asks, in its own place, before it does what cannot be taken back. The focus goes along. */
export function AskFirst({
	ask,
	name,
	question,
	yes,
	no,
	asking,
	onAsk,
	onYes,
}: {
	ask: string;
	name?: string;
	question: string;
	yes: string;
	no: string;
	asking: boolean;
	onAsk: (asking: boolean) => void;
	onYes: () => void;
}) {
	const keep = useRef<HTMLButtonElement>(null);
	const first = useRef<HTMLButtonElement>(null);
	const asked = useRef(false);
	useLayoutEffect(() => {
		if (asking) keep.current?.focus();
		else if (asked.current) first.current?.focus();
		asked.current = asking;
	}, [asking]);

	if (!asking) {
		return (
			<button
				ref={first}
				type="button"
				className="button-plain hover:bg-alarm-wash hover:text-alarm"
				{...(name ? { "aria-label": name } : {})}
				onClick={() => onAsk(true)}
			>
				{ask}
			</button>
		);
	}
	return (
		// biome-ignore lint/a11y/noStaticElementInteractions: Escape is a short cut for the button that keeps it.
		<div
			className="flex flex-wrap items-center gap-2"
			onKeyDown={(event) => event.key === "Escape" && onAsk(false)}
		>
			<span className="text-sm text-soft">{question}</span>
			<button
				type="button"
				className="button-danger min-h-9 px-3.5 text-sm"
				onClick={() => {
					onAsk(false);
					onYes();
				}}
			>
				{yes}
			</button>
			<button
				ref={keep}
				type="button"
				className="button-quiet min-h-9 px-3.5 text-sm"
				onClick={() => onAsk(false)}
			>
				{no}
			</button>
		</div>
	);
}

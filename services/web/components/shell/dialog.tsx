"use client";

import "@/lib/style-nonce";
import * as Radix from "@radix-ui/react-dialog";
import { type ReactNode, useState } from "react";
import { Icon } from "../icon";

/** A dialog in the middle (from below on a small screen), or a sheet at one side. Code of its own: load it when it is wanted. */
export function Dialog({
	title,
	description,
	side = "middle",
	onClose,
	children,
	footer,
	guarded = false,
	reading = false,
}: {
	title: string;
	description?: string;
	side?: "middle" | "left" | "right";
	onClose: () => void;
	children: ReactNode;
	footer?: ReactNode;
	/** Whether a click beside it leaves it open: something is typed in it. */
	guarded?: boolean;
	/** Whether it is only read: then nothing in it takes the focus, and what scrolls has to. */
	reading?: boolean;
}) {
	// Radix gives the focus back to its own triggers; ours are opened by state.
	const [opener] = useState(() => document.activeElement);
	const place = {
		middle:
			"inset-x-0 bottom-0 max-h-[94dvh] rounded-t-2xl sm:inset-x-auto sm:top-1/2 sm:bottom-auto sm:left-1/2 sm:max-h-[86dvh] sm:w-[calc(100vw-3rem)] sm:max-w-lg sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-2xl",
		right: "inset-y-0 right-0 w-full sm:max-w-lg sm:border-l",
		left: "inset-y-0 left-0 w-[min(18rem,86vw)] border-r",
	}[side];
	return (
		<Radix.Root open onOpenChange={(open) => open || onClose()}>
			<Radix.Portal>
				<Radix.Overlay className="dialog-scrim" />
				<Radix.Content
					className={`fixed z-50 flex flex-col border-line bg-card shadow-lift outline-none ${place}`}
					{...(description ? {} : { "aria-describedby": undefined })}
					onCloseAutoFocus={(event) => {
						event.preventDefault();
						if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
					}}
					onInteractOutside={(event) => {
						const onNote =
							event.target instanceof Element && event.target.closest("[aria-live], [role=alert]");
						if (guarded || onNote) event.preventDefault();
					}}
				>
					<header className="flex items-start gap-3 px-5 pt-4 pb-2 sm:px-6 sm:pt-5">
						<div className="min-w-0 grow pt-1">
							<Radix.Title className="font-display text-xl tracking-tight">{title}</Radix.Title>
							{description && <Radix.Description className="mt-1 text-soft">{description}</Radix.Description>}
						</div>
						<Radix.Close className="button-icon -mr-2" aria-label="Close">
							<Icon name="close" />
						</Radix.Close>
					</header>
					<div
						className="min-h-0 grow overflow-y-auto overscroll-contain px-5 pt-2 pb-6 sm:px-6"
						{...(reading ? { tabIndex: 0 } : {})}
					>
						{children}
					</div>
					{footer && <footer className="border-t border-line px-5 py-3.5 sm:px-6">{footer}</footer>}
				</Radix.Content>
			</Radix.Portal>
		</Radix.Root>
	);
}

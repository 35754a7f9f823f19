"use client";

import * as Menu from "@radix-ui/react-dropdown-menu";
import { useRouter } from "next/navigation";
import { type ComponentProps, useState } from "react";
import { signOut } from "@/lib/sign-out";
import { applyTheme, readTheme, type Theme } from "@/lib/theme";
import { toasts } from "@/lib/toasts";
import { useWorkspace } from "@/lib/workspace";
import { Icon } from "../icon";

const ITEM =
	"flex min-h-10 cursor-default items-center gap-3 rounded-lg px-3 outline-none select-none data-[highlighted]:bg-sunken";

const THEMES: [Theme, string][] = [
	["system", "As the system"],
	["light", "Light"],
	["dark", "Dark"],
];

export function AccountMenu({
	face,
	onShortcuts,
}: {
	face: ComponentProps<"button">;
	onShortcuts: () => void;
}) {
	const workspace = useWorkspace();
	const router = useRouter();
	const [theme, setTheme] = useState(() => readTheme(document.documentElement.dataset.theme));

	async function leave() {
		if (await signOut(workspace)) return;
		toasts.show({
			kind: "failed",
			text: "You are still signed in.",
			detail: "The sign-in service gave no answer.",
			action: { label: "Try again", run: () => void leave() },
		});
	}

	return (
		<Menu.Root defaultOpen modal={false}>
			<Menu.Trigger asChild>
				<button {...face} />
			</Menu.Trigger>
			<Menu.Portal>
				<Menu.Content
					align="end"
					sideOffset={8}
					collisionPadding={12}
					className="z-40 w-64 rounded-xl border border-line bg-card p-1.5 shadow-lift"
				>
					<Menu.Label className="px-3 pt-2 pb-2.5">
						<span className="block truncate font-medium">{workspace.user.name}</span>
						<span className="block truncate text-sm text-soft">{workspace.user.email}</span>
					</Menu.Label>
					<Menu.Separator className="mx-3 my-1 h-px bg-line" />
					<Menu.Label className="px-3 pt-1.5 pb-1 text-sm text-soft">Colours</Menu.Label>
					<Menu.RadioGroup
						value={theme}
						onValueChange={(value) => {
							const next = readTheme(value);
							setTheme(next);
							applyTheme(next, document);
						}}
					>
						{THEMES.map(([value, label]) => (
							<Menu.RadioItem
								key={value}
								value={value}
								className={ITEM}
								onSelect={(event) => event.preventDefault()}
							>
								<span className="grid size-5 place-items-center">
									<Menu.ItemIndicator>
										<Icon name="check" className="size-4 text-accent" />
									</Menu.ItemIndicator>
								</span>
								{label}
							</Menu.RadioItem>
						))}
					</Menu.RadioGroup>
					<Menu.Separator className="mx-3 my-1 h-px bg-line" />
					<Menu.Item className={ITEM} onSelect={() => router.push("/settings")}>
						Settings
					</Menu.Item>
					<Menu.Item className={ITEM} onSelect={onShortcuts}>
						<span className="grow">Keyboard shortcuts</span>
						<kbd>?</kbd>
					</Menu.Item>
					<Menu.Item className={ITEM} onSelect={() => void leave()}>
						Sign out
					</Menu.Item>
				</Menu.Content>
			</Menu.Portal>
		</Menu.Root>
	);
}

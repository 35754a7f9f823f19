import type { ReactNode } from "react";

/** A label, its field, and what is wrong with it. */
export function Field({
	label,
	htmlFor,
	fault,
	faultId,
	children,
}: {
	label: string;
	htmlFor: string;
	fault?: string | null;
	faultId?: string;
	children: ReactNode;
}) {
	return (
		<div className="grid gap-1.5">
			<label htmlFor={htmlFor} className="font-medium">
				{label}
			</label>
			{children}
			{fault && (
				<p id={faultId} className="text-sm text-alarm">
					{fault}
				</p>
			)}
		</div>
	);
}

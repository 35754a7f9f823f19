/** A tag's colour. Its name always stands beside it: a colour alone tells nobody anything. */
export function TagDot({ color, className = "" }: { color: string; className?: string }) {
	return (
		<svg viewBox="0 0 12 12" aria-hidden="true" className={`size-3 shrink-0 ${className}`}>
			<circle cx="6" cy="6" r="5.5" fill={color} className="stroke-ink/25" />
		</svg>
	);
}

import type { Metadata } from "next";
import { CredentialsPage } from "@/components/credentials-page";

export const metadata: Metadata = { title: "Create an account" };

export default function SignUp() {
	return (
		<CredentialsPage
			purpose="sign-up"
			title="Create an account"
			subtitle="Better Auth keeps it; the API never sees it."
		/>
	);
}

import type { Metadata } from "next";
import { CredentialsPage } from "@/components/credentials-page";

export const metadata: Metadata = { title: "Sign in" };

export default function SignIn() {
	return (
		<CredentialsPage purpose="sign-in" title="Welcome back" subtitle="Your tasks are where you left them." />
	);
}

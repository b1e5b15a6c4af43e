import { CliError } from '../cli-error.ts';
import type { Answer } from './api-client.ts';

interface ErrorBody {
  readonly title?: string;
  readonly detail?: string;
  readonly details?: string;
  readonly invalid_parameters?: readonly { readonly field: string; readonly reason: string }[];
  readonly problems?: readonly { readonly field: string; readonly reason: string }[];
  readonly causes?: readonly { readonly field: string; readonly message: string }[];
}

/** Says in full what the control plane refused, every field of it. */
export function apiError(answer: Answer, request: string): CliError {
  const body = parseBody(answer.body);
  if (!body?.title) {
    return new CliError({
      code: 'CONTROL_PLANE_ANSWER',
      message: `the control plane answered ${request} with status ${answer.status}: ${answer.body.slice(0, 500).trim() || 'no text'}`,
    });
  }
  const listed =
    body.invalid_parameters ?? body.problems ?? body.causes?.map(({ field, message }) => ({ field, reason: message })) ?? [];
  const problems = listed.map(({ field, reason }) => (field === '' ? reason : `${field}: ${reason}`));
  // Where there is a list of `problems`, the detail is that list in one line.
  const detail = body.problems ? '' : ` (${body.detail ?? body.details ?? ''})`;
  return new CliError({
    code: `HTTP_${answer.status}`,
    message: `${body.title}${detail}${problems.map((problem) => `\n* ${problem}`).join('')}`,
    problems,
    ...(answer.status === 401 || answer.status === 403
      ? {
          hint: "kumactl generate user-token on the control plane's host, then config control-planes add … --auth-type=tokens --auth-conf token=…",
        }
      : {}),
  });
}

function parseBody(text: string): ErrorBody | undefined {
  try {
    return JSON.parse(text) as ErrorBody;
  } catch {
    return undefined;
  }
}

import { describe, expect, it } from 'vitest';
import { checkRunSettings } from '../settings/run-settings.ts';
import { completionScript } from './completion.ts';
import { helpText } from './help.ts';
import { parseFlags } from './parse-flags.ts';
import { runFlags } from './run-flags.ts';

const parse = (args: readonly string[], env: NodeJS.ProcessEnv = {}) => parseFlags(runFlags, args, env);

describe('flags', () => {
  it.each([
    [['--name=a', '--drain-time', '1m30s', '--concurrency=4'], { name: 'a', drainTime: 90_000, concurrency: 4 }],
    [['--dns-enabled=false', '--skip-verify'], { dnsEnabled: false, skipVerify: true }],
    [['--dns-enabled'], { dnsEnabled: true }],
    [['-d', 'file', '-v', 'a=1,b=2', '-v', 'c=x=y'], { dataplaneFile: 'file', dataplaneVars: { a: '1', b: '2', c: 'x=y' } }],
    [['-v', 'tags=a,b'], { dataplaneVars: { tags: 'a,b' } }],
  ])('reads %j', (args, expected) => {
    const parsed = parse(args);
    expect(parsed.problems).toEqual([]);
    expect(parsed.values).toMatchObject(expected);
  });

  it('win over variables, and these over defaults; an empty variable counts as absent', () => {
    const env = { KUMA_DATAPLANE_DRAIN_TIME: '5s', KUMA_READINESS_PORT: '', KUMA_DNS_ENABLED: 'F' };
    expect(parse(['--drain-time', '7s'], env).values).toMatchObject({ drainTime: 7_000, readinessPort: 9902, dnsEnabled: false });
    expect(parse([], env).values.drainTime).toBe(5_000);
    expect(parse([]).values.drainTime).toBe(30_000);
  });

  it('name every problem at once, with what is expected', () => {
    const env = { KUMA_READINESS_PORT: '70000' };
    expect(parse(['--drain-time', 'soon', '--nmae', '--proxy-type=gateway', '--mesh'], env).problems).toEqual([
      '--drain-time must be a duration such as 30s, 1m30s or 500ms, not "soon"',
      'unknown flag --nmae; did you mean --name?',
      '--proxy-type must be one of dataplane, ingress, egress, not "gateway"',
      '--mesh needs a value',
      'KUMA_READINESS_PORT must be a port from 0 to 65535, not "70000"',
    ]);
  });

  it('all stand in the help and in the completion of each shell', () => {
    const help = helpText('run', '', runFlags);
    for (const { name, env } of Object.values(runFlags) as { name?: string; env: readonly string[] }[]) {
      expect(help).toContain(name ? `--${name}` : env[0]);
      if (!name) continue;
      for (const shell of ['bash', 'zsh'] as const) expect(completionScript(shell, { run: runFlags })).toContain(`--${name}`);
      expect(completionScript('fish', { run: runFlags })).toContain(`-l ${name}`);
    }
  });
});

describe('settings', () => {
  const problems = (args: readonly string[]): readonly string[] => {
    const checked = checkRunSettings(parse(args));
    return checked.ok ? [] : checked.problems;
  };

  it('need a name and a mesh, or a template, and not both', () => {
    expect(problems([])).toHaveLength(2);
    expect(problems(['--name', 'a', '--mesh', 'default'])).toEqual([]);
    expect(problems(['-d', 'file'])).toEqual([]);
    expect(problems(['-d', 'file', '--name', 'a'])[0]).toContain('--name and --mesh cannot stand beside');
    expect(problems(['--name', 'a', '--proxy-type', 'ingress'])).toEqual([]);
  });

  it('refuse an address that is no https URL', () => {
    expect(problems(['-d', 'f', '--cp-address', 'localhost:5678'])).toEqual([
      '--cp-address must be an https:// URL such as https://localhost:5678, not "localhost:5678"',
    ]);
  });

  it('warn of what is accepted and not built', () => {
    const warnings = (args: readonly string[]) => {
      const checked = checkRunSettings(parse(['-d', 'f', ...args]));
      return checked.ok && checked.warnings;
    };
    expect(warnings([])).toEqual([]);
    expect(warnings(['--dns-enabled=false'])).toEqual([]);
    expect(warnings(['--dns-enabled'])).toEqual([expect.stringContaining('DNS for names in the mesh is not built yet')]);
  });
});

import { executable } from '../../tools/bundle/executable.ts';

export default executable({ entry: ['src/main.ts', 'src/index.ts'] });

import type { Blueprint } from '../src/economy/define.ts'
import { KONTRIB } from './kontrib.ts'

/** Every recipe that an economy can be created from. */
export const BLUEPRINTS: readonly Blueprint[] = [KONTRIB]

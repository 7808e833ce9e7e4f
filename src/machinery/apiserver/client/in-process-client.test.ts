import { describe } from 'vitest';
import { startTestApi } from '#testing/api.ts';
import { clientContract } from '#testing/conformance/client/contract.ts';

describe('API-1: the client in process', () => clientContract(startTestApi));

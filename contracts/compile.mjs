// Compiles the contracts with npm's solc and writes what they become beside them: the ABI, and the code as hexadecimal digits.
//   node contracts/compile.mjs           writes the files
//   node contracts/compile.mjs --check   writes nothing; says what differs and ends with 1
// The compiler is the one that tests/js pins ('npm ci' there first).
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const solc = createRequire(new URL('../tests/js/package.json', import.meta.url))('solc');
const sources = [['ServiceReady.sol', 'ReadyNotices'], ['test/Usdc.sol', 'Usdc']];
const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');

function compile(path, name) {
  const output = JSON.parse(solc.compile(JSON.stringify({
    language: 'Solidity',
    sources: { [path]: { content: read(path) } },
    settings: {
      // Code without the hash of its source, so that a word in a comment changes nothing; and without newer instructions than every chain has.
      optimizer: { enabled: true, runs: 200 }, evmVersion: 'paris', metadata: { bytecodeHash: 'none', appendCBOR: false },
      outputSelection: { [path]: { [name]: ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
    },
  })));
  const said = (output.errors ?? []).map((error) => error.formattedMessage).join('\n');
  if (said) throw new Error(said);
  const { abi, evm } = output.contracts[path][name];
  const made = { contract: name, compiler: solc.version(), abi, bytecode: '0x' + evm.bytecode.object, deployed: '0x' + evm.deployedBytecode.object };
  return JSON.stringify(made, null, 2) + '\n';
}

let differs = false;
for (const [path, name] of sources) {
  const [file, made] = [path.replace('.sol', '.json'), compile(path, name)];
  if (!process.argv.includes('--check')) {
    writeFileSync(new URL(file, import.meta.url), made);
  } else if (read(file) !== made) {
    console.error(`contracts/${file} is not what contracts/${path} compiles to; run: node contracts/compile.mjs`);
    differs = true;
  }
}
process.exitCode = differs ? 1 : 0;

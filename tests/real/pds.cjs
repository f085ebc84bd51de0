// Start a personal data server (Bluesky's own) and the directory it needs, for tests: on this machine only, no
// application behind it, no internet. Ends when its standard input closes, so that it never outlives the tests.
//
// usage: node pds.cjs FOLDER-WITH-NODE_MODULES DATA-FOLDER PDS-PORT DIRECTORY-PORT
'use strict'
const net = require('node:net')
const fs = require('node:fs')
const path = require('node:path')
const { createRequire } = require('node:module')

// Neither server lets one choose an address to listen on, and both would take all of them.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (first, ...rest) {
  const port = first !== null && typeof first === 'object' ? first.port : Number(first)
  return listen.call(this, { port, host: '127.0.0.1' }, rest.find((argument) => typeof argument === 'function'))
}

const [modules, data, port, directoryPort] = process.argv.slice(2)
const load = createRequire(path.join(modules, 'any.js'))

async function main() {
  const { Database, PlcServer } = load('@did-plc/server')
  const { PDS, envToCfg, envToSecrets, readEnv } = load('@atproto/pds')
  const directory = PlcServer.create({ db: Database.mock(), port: Number(directoryPort) })
  await directory.start()
  for (const folder of ['actors', 'blobs', 'unfinished']) fs.mkdirSync(path.join(data, folder), { recursive: true })
  Object.assign(process.env, {
    LOG_ENABLED: 'false',
    PDS_PORT: port,
    PDS_HOSTNAME: 'localhost',
    PDS_SERVICE_HANDLE_DOMAINS: '.test',
    PDS_DATA_DIRECTORY: data,
    PDS_BLOBSTORE_DISK_LOCATION: path.join(data, 'blobs'),
    PDS_BLOBSTORE_DISK_TMP_LOCATION: path.join(data, 'unfinished'),
    PDS_DID_PLC_URL: `http://127.0.0.1:${directoryPort}`,
    PDS_INVITE_REQUIRED: 'false',
    PDS_DEV_MODE: 'true',
    PDS_DISABLE_SSRF_PROTECTION: 'true',
    PDS_JWT_SECRET: 'only for tests',
    PDS_ADMIN_PASSWORD: 'only for tests',
    PDS_PLC_ROTATION_KEY_K256_PRIVATE_KEY_HEX: '01'.repeat(32),
  })
  const settings = readEnv()
  const server = await PDS.create(envToCfg(settings), envToSecrets(settings))
  await server.start()
  server.server.on('request', (request) => console.log(`${request.method} ${request.url.split('?')[0]} `))

  let ending = false
  async function end() {
    if (ending) return
    ending = true
    await server.destroy()
    await directory.destroy()
    process.exit(0)
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
  process.stdin.on('end', end).resume()
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})

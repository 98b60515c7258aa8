// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// Tells clients who are away that a result waits for them. It holds no money and no state: a log is all there is.
/// One is deployed by each provider, and only its logs that the provider's account caused mean anything.
contract ReadyNotices {
    /// orderIdHash is keccak-256 of the order's id, so that only who knows the id recognises it; contentHash is the SHA-256 of the result.
    event ServiceReady(bytes32 indexed orderIdHash, address indexed client, bytes32 contentHash);

    /// The account that deployed this, and the only one that is listened to.
    address public immutable provider = msg.sender;

    error NotTheProvider();

    function serviceReady(bytes32 orderIdHash, address client, bytes32 contentHash) external {
        if (msg.sender != provider) revert NotTheProvider();
        emit ServiceReady(orderIdHash, client, contentHash);
    }
}

internal import Synchronization

/// The memory of one run: an arena for each worker that computes whole pictures, scratch for each worker, and
/// what workers share.
final class Workspace: Sendable {
  let arenas: [AlignedBuffer]
  let scratch: [AlignedBuffer]
  let shared: AlignedBuffer
  let loop = PlanLoop()

  init(arenas: Int, arenaCount: Int, scratch: Int, scratchBytes: Int, sharedCount: Int) throws {
    self.arenas = try (0..<arenas).map { _ in
      try AlignedBuffer(count: arenaCount, for: "one picture's intermediate results")
    }
    self.scratch = try (0..<scratch).map { _ in
      try AlignedBuffer(count: (scratchBytes + 3) / 4, for: "scratch")
    }
    shared = try AlignedBuffer(count: sharedCount, for: "a batch's intermediate results")
  }

  /// Whether a run may use it that wants so much.
  func suffices(arenas: Int, scratch: Int, sharedCount: Int) -> Bool {
    self.arenas.count >= arenas && self.scratch.count >= scratch && shared.count >= sharedCount
  }
}

/// Workspaces that no run uses at the moment, kept for the next.
final class WorkspacePool: Sendable {
  private let idle = Mutex<[Workspace]>([])

  /// Takes the idle workspace used last, if it suffices.
  func take(where suffices: (Workspace) -> Bool) -> Workspace? {
    idle.withLock { idle in
      guard let index = idle.lastIndex(where: suffices) else {
        // Whatever is there was too small, and would be so again.
        idle.removeAll()
        return nil
      }
      return idle.remove(at: index)
    }
  }

  func put(_ workspace: Workspace) { idle.withLock { $0.append(workspace) } }
}

// Tests of the engine that an emulator cannot run, with the reason. `npm run lint` checks that docs/platforms.md names each.

const ON_WINDOWS = [
  {
    why: 'they are made of what only Unix has: signals, forks, mounts, descriptors',
    tests: [],
    programs: [
      'lifecycle_damage',
      'lifecycle_killed',
      'lifecycle_limits',
      'lifecycle_names',
      'lifecycle_filesystems',
      'lifecycle_processes',
      'lifecycle_refused',
      'liveness',
      'liveness_slow',
      'map',
      'no_waitv',
      'range_lock',
      'reserve',
      'siblings_refused',
    ],
  },
];

/** Per platform, a list of `{ why, tests, programs }`: names of tests, and of test programs that are left out as a whole. */
export const LEFT_OUT = {
  'linux-arm64-gnu': [
    { why: 'they read the registers of x86-64', tests: [], programs: ['lifecycle_refused', 'siblings_refused'] },
    {
      why: 'QEMU does not emulate ptrace, by which these kill a process before each of its system calls',
      tests: [
        'a_creator_killed_over_a_leftover_leaves_the_old_object_the_new_one_or_none',
        'a_killed_creator_leaves_a_complete_object_or_none',
        'a_killed_creator_without_proc_leaves_at_most_a_temporary_file',
        'a_killed_attacher_leaves_no_trace',
        'a_killed_remover_has_removed_the_name_or_left_it',
        'a_killed_replacer_leaves_the_old_object_or_a_complete_new_one',
        'a_name_that_is_being_replaced_is_never_missing',
      ],
    },
    { why: 'QEMU does not emulate seccomp filters', tests: ['wait_any_notices_a_change_when_the_kernel_has_no_futex_waitv'] },
    {
      why: 'QEMU runs a thread of its own in each process, and the kernel lets no process of several threads create a user namespace',
      tests: ['a_user_without_an_id_in_the_user_namespace_is_not_trusted'],
    },
    { why: 'QEMU ignores MADV_DONTFORK', tests: ['a_forked_child_does_not_keep_its_parent_alive'] },
    { why: 'QEMU ignores limits of address space', tests: ['limits_of_the_process_are_errors_and_do_not_kill_it'] },
    {
      why: 'at this speed 64 processes take longer than the two seconds for which a process waits for a name',
      tests: ['exactly_one_of_many_concurrent_creators_succeeds', 'concurrent_open_or_create_calls_all_get_the_same_file'],
    },
  ],
  'linux-x64-musl': [{ why: 'their list of system calls is that of glibc', tests: [], programs: ['lifecycle_refused', 'siblings_refused'] }],
  'win32-x64-msvc': ON_WINDOWS,
  'win32-x64-msvc-wine10': ON_WINDOWS,
};

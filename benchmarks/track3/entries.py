"""What must be known of a result of track 3 to run it here, besides its script: facts, no code."""

from dataclasses import dataclass, field

R = "results/"
SHAMPOO = R + "20260513_shampoo_1_4_power"
"""Folder of a package that two scripts import."""


@dataclass(frozen=True)
class Facts:
    """`script` is where the table does not lead to it; `settings` are variables of the environment
    that the accepted runs had (a number of steps is scaled); `values` replace constants."""

    script: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    values: dict[str, object] = field(default_factory=dict)
    rates: tuple[str, ...] = ()


FACTS = {
    13: Facts(
        settings={
            "TRAIN_STEPS": "3210",
            "OUTER_LR": "0.7",
            "OUTER_MOMENTUM": "0.5",
            "SYNC_INTERVAL": "30",
        }
    ),
    25: Facts(
        settings={
            "TRAIN_STEPS": "3040",
            "SCHEDULE_STEPS": "3125",
            "LR_POWER": "1.5",
            "ADAM_LR_FLOOR": "0.04",
            "KLSOAP_LR_FLOOR": "0.017",
            "KLSOAP_SHAMPOO_BETA": "0.9",
        }
    ),
    32: Facts(
        script=R + "20260518_soda_fade_3000_n9/code_logs/0fdbe617-37dd-470d-b033-b6ec24fc13fc.txt"
    ),
    33: Facts(
        script=R + "20260527_psgd/0770a040-2b18-4751-8630-88301f671292.txt",
        rates=("psgd_steady_lr", "adam_base_lrs"),
    ),
    34: Facts(
        script=R + "20260520_rre_extrapolation_pr300_2925/train_gpt_simple_rre_pr300_2925.py"
    ),
    38: Facts(script=R + "20260520_tail_refinterp_2900/train_gpt_tail_refinterp_2900.py"),
    41: Facts(script=R + "20260523_circuit_muon/616cccc8-affa-46b1-b36d-a832685d8d3c.txt"),
    42: Facts(script=R + "20260525_aurora_ema_ref/15223178-b211-42d7-a6ba-b969c3148973.txt"),
    43: Facts(
        settings={
            "TAIL_SCHEDULE_SWITCH_STEP": "2600",
            "TAIL_SCHEDULE_STEPS": "3010",
            "TRAIL_DELTA_GAMMA_FIRST": "-0.04",
            "TRAIL_DELTA_GAMMA_FINAL": "-0.12",
            "TRAIL_DELTA_MOMENTUM_BETA": "1.0",
            "BROAD_DELTA_CAPTURE_STEP": "2000",
            "BROAD_DELTA_APPLY_STEP": "2400",
            "BROAD_DELTA_GAMMA": "-0.005",
            "BROAD_DELTA_SCOPE": "muon_other",
            "FINAL_READOUT_ANCHOR_STEP": "2400",
            "FINAL_READOUT_ALPHA": "0.08",
            "PHASE_READOUT_T0_STEP": "2650",
            "PHASE_READOUT_T1_STEP": "2750",
            "PHASE_READOUT_KAPPA": "0.01",
            "PHASE_READOUT_SCOPE": "muon_other",
            "PHASE_READOUT_NORMALIZE_PHASE": "1",
        },
        # its readouts happen at evaluations, and the last step has one
        values={"VAL_REGULAR_INTERVAL": 0},
    ),
    46: Facts(script=R + "20260619_cwd_rowfloor_tailema/train_gpt_cwd_SOTA.py"),
}

# What `bootseed roster --for tfvars` writes into bootseed.auto.tfvars.json: everyone.

variable "machines" {
  description = "The machines by the names of the students"
  type = map(object({
    name             = string
    user_data_base64 = string
    volume_gb        = number
    image            = string
    port             = optional(number)
    ports            = optional(list(number), [])
  }))
}

variable "instance_type" {
  description = "The kind of the machines"
  type        = string
  default     = "t3.small"
}

locals {
  # The ports of each machine's web server, such as "80" or "80-443"; "none" lets nothing in.
  ports = { for name, machine in var.machines : name => machine.port == null ? "none" : join("-", distinct(concat([machine.port], machine.ports))) }

  # The parameters of AWS that say which image is the newest of its release.
  images = toset([for machine in var.machines : machine.image])
}
